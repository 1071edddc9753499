"""Rules of the apiextensions group: what a CustomResourceDefinition may say."""

"""Custom resources: a CustomResourceDefinition becomes Resources of the catalog, served like any other.

    structural.py   openAPIV3Schema -> Structural, what pruning, defaulting and validation walk
    decoding.py     what is read is pruned, and its metadata typed
    defaulting.py   defaults of the schema
    types.py        Structural -> schema Type, for server-side apply
    values.py       validation against the schema; formats.py its formats, listtypes.py and embedded.py what
                    the schema says of lists and of embedded objects
    conversion.py   between versions
    columns.py      printer columns
    strategy.py     the policy of custom kinds
    resource.py     a CustomResourceDefinition's Resources
    registrar.py    names, conditions, what is served, and deletion with its finalizer

x-kubernetes-validations are stored and published, and not evaluated; conversion webhooks are not called: what would
need one is refused.
Upstream: k8s.io/apiextensions-apiserver.
"""

"""Stored objects as a version serves them: itself, or converted once and kept beside the stored one."""

from __future__ import annotations

from minikube_py.api.resource import Resource
from minikube_py.machinery.gvr import Object
from minikube_py.store import Stored


def served(resource: Resource, stored: Stored) -> Stored:
    """The object in the resource's version, at the same revision."""
    if resource.hub is None:
        return stored
    view = stored.views.get(resource)
    if view is None:
        tree = resource.hub.from_hub(stored.object)
        view = stored.views[resource] = stored if tree is stored.object else Stored(tree, stored.revision)
    found: Stored = view
    return found


def policy_object(resource: Resource, stored: Stored) -> Object:
    """What is stored as the resource's policies see it."""
    if resource.hub is None or not resource.hub.at_store:
        return stored.object
    return served(resource, stored).object


def served_object(resource: Resource, obj: Object) -> Object:
    """A hub tree in the resource's version."""
    return obj if resource.hub is None else resource.hub.from_hub(obj)


def hub_object(resource: Resource, obj: Object) -> Object:
    """A tree of the resource's version as its policies work on it."""
    return obj if resource.hub is None or resource.hub.at_store else resource.hub.to_hub(obj)


def stored_object(resource: Resource, obj: Object) -> Object:
    """A tree that policies worked on as it is stored."""
    return obj if resource.hub is None or not resource.hub.at_store else resource.hub.to_hub(obj)

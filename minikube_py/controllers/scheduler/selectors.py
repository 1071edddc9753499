"""Label selectors as the scheduler reads them: what cannot be read selects nothing."""

from __future__ import annotations

from minikube_py.machinery.gvr import Object
from minikube_py.machinery.labels import Selector, nothing
from minikube_py.machinery.labelselector import as_selector


def selector_of(selector: Object | None) -> Selector:
    """The API server has refused what makes no sense; what older ones let pass selects nothing."""
    try:
        return as_selector(selector)
    except ValueError:
        return nothing()

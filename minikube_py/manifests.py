"""Manifests given at the start: YAML files or folders of them, applied as `kubectl apply --server-side` would."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from minikube_py.client.protocol import APPLY_PATCH
from minikube_py.cluster import Cluster
from minikube_py.machinery.errors import StatusError
from minikube_py.machinery.gvr import GroupVersionKind, Object

MANAGER = "minikube-py"
SUFFIXES = frozenset({".yaml", ".yml", ".json"})


class ManifestError(Exception):
    """A manifest cannot be read or is refused; the message is one line and names the file."""


def read_manifests(paths: Iterable[str], flag: str = "--manifests") -> list[Object]:
    """The objects of files and of folders' files (by name), in order; `flag` named the paths. Raises
    ManifestError."""
    found: list[Object] = []
    for path in paths:
        root = Path(path)
        files = sorted(file for file in root.iterdir() if file.suffix in SUFFIXES) if root.is_dir() else [root]
        for file in files:
            found.extend(_read(file, flag))
    return found


def _read(file: Path, flag: str) -> list[Object]:
    import yaml  # 10 ms that a start without manifests does not spend

    try:
        documents = list(yaml.safe_load_all(file.read_text()))
    except OSError as error:
        raise ManifestError(f"{flag}: cannot read {file}: {error.strerror or error}") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ManifestError(f"{flag}: {file} is not YAML: {' '.join(str(error).split())}") from None
    found: list[Object] = []
    for document in documents:
        if document is None:
            continue
        if not isinstance(document, dict) or not document.get("kind") or not document.get("apiVersion"):
            raise ManifestError(f"{flag}: {file} has a document without apiVersion and kind")
        found.extend(document["items"] if document["kind"] == "List" else [document])
    return found


async def apply_stages(cluster: Cluster, stages: Iterable[Object]) -> None:
    """KWOK's, after the CustomResourceDefinition by which they are served. Raises ManifestError."""
    from minikube_py.controllers.kubelet.kwok import CRD

    await apply_manifests(cluster, [CRD])
    await cluster.settle()
    await apply_manifests(cluster, stages)


async def apply_manifests(cluster: Cluster, objects: Iterable[Object]) -> None:
    """Raises ManifestError at the first object that is refused."""
    for obj in objects:
        kind = GroupVersionKind.of(obj)
        resource = cluster.registry.catalog.find_kind(kind)
        name = str((obj.get("metadata") or {}).get("name", ""))
        what = f"{kind.kind} {name}"
        if resource is None:
            raise ManifestError(f"--manifests: {what}: no kind {kind.kind} in {kind.api_version}")
        namespace = (obj.get("metadata") or {}).get("namespace") or ("default" if resource.namespaced else "")
        client = cluster.client.as_user_agent(MANAGER)
        try:
            await client.patch(
                resource.gvr, namespace, name, obj, patch_type=APPLY_PATCH, field_manager=MANAGER, force=True
            )
        except StatusError as error:
            raise ManifestError(f"--manifests: {what}: {error.message}") from None

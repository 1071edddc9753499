"""ValidatingWebhookConfiguration and MutatingWebhookConfiguration (pkg/registry/admissionregistration)."""

from __future__ import annotations

from typing import Any

from minikube_py.api.context import Context
from minikube_py.api.kinds.admissionregistration.names import static_name_warnings
from minikube_py.api.kinds.admissionregistration.webhooks import Demands, default_webhook, validate_webhook
from minikube_py.api.resource import AGE, NAME, Column, Resource, age
from minikube_py.api.strategy import METADATA, Strategy
from minikube_py.machinery.field import ErrorList, Path, duplicate
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.objectmeta import validate_object_meta

_WEBHOOKS = Path("webhooks")


class WebhookConfigurationStrategy(Strategy):
    has_generation = True
    allow_unconditional_update = False

    def __init__(self, *, mutating: bool) -> None:
        self._mutating = mutating

    def default(self, obj: Object) -> None:
        for webhook in obj.get("webhooks") or ():
            default_webhook(webhook, self._mutating)

    def generation_changes(self, obj: Object, old: Object) -> bool:
        return webhooks(obj) != webhooks(old)

    def validate(self, ctx: Context, obj: Object) -> ErrorList:
        return self._errors(obj, Demands())

    def validate_update(self, ctx: Context, obj: Object, old: Object) -> ErrorList:
        """What is stored already need not fulfil rules that came later."""
        return self._errors(obj, Demands.after(webhooks(old), webhooks(obj)))

    def warnings_on_create(self, ctx: Context, obj: Object) -> list[str]:
        return static_name_warnings(ctx, obj)

    def warnings_on_update(self, ctx: Context, obj: Object, old: Object) -> list[str]:
        return static_name_warnings(ctx, obj)

    def _errors(self, obj: Object, demands: Demands) -> ErrorList:
        errors = validate_object_meta(obj["metadata"], False, self.validate_name, METADATA)
        seen: set[str] = set()
        for index, webhook in enumerate(webhooks(obj)):
            at, name = _WEBHOOKS.index(index), webhook.get("name") or ""
            errors += validate_webhook(webhook, demands, at)
            if demands.unique_names and name:
                if name in seen:
                    errors.append(duplicate(at.child("name"), name))
                seen.add(name)
        return errors


def webhooks(obj: Object) -> list[Object]:
    return obj.get("webhooks") or []


def cells(obj: Object) -> list[Any]:
    return [obj["metadata"]["name"], len(webhooks(obj)), age(obj)]


def _resource(kind: str, *, mutating: bool) -> Resource:
    text = "Webhooks indicates the number of webhooks registered in this configuration"
    return Resource(
        group="admissionregistration.k8s.io",
        version="v1",
        plural=f"{kind.lower()}s",
        kind=kind,
        namespaced=False,
        categories=("api-extensions",),
        strategy=WebhookConfigurationStrategy(mutating=mutating),
        columns=(NAME, Column("Webhooks", type="integer", description=text), AGE),
        cells=cells,
    )


RESOURCES = (
    _resource("MutatingWebhookConfiguration", mutating=True),
    _resource("ValidatingWebhookConfiguration", mutating=False),
)

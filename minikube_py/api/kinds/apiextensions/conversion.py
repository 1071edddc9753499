"""Validation of spec.conversion (validation.go validateCustomResourceConversion)."""

from __future__ import annotations

from minikube_py.api.kinds.admissionregistration.clients import validate_client_config
from minikube_py.machinery.field import ErrorList, Path, forbidden, invalid, not_supported, required
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.names import dns1035_label

_STRATEGIES = ("None", "Webhook")
_KNOWN_REVIEWS = ("v1", "v1beta1")
_NOT_WEBHOOK = "should not be set when strategy is not set to Webhook"


def validate_conversion(
    conversion: Object | None, before: Object | None, allow_invalid_ca: bool, path: Path
) -> ErrorList:
    """`before` is the conversion of the CRD that is updated: what was taken once is taken again."""
    if conversion is None:
        return []
    strategy = conversion.get("strategy") or ""
    errors: ErrorList = []
    if not strategy:
        errors.append(required(path.child("strategy")))
    elif strategy not in _STRATEGIES:
        errors.append(not_supported(path.child("strategy"), strategy, _STRATEGIES))
    webhook = conversion.get("webhook") or {}
    client, reviews = webhook.get("clientConfig"), webhook.get("conversionReviewVersions") or []
    if strategy != "Webhook":
        if client is not None:
            errors.append(forbidden(path.child("webhookClientConfig"), _NOT_WEBHOOK))
        if reviews:
            errors.append(forbidden(path.child("conversionReviewVersions"), _NOT_WEBHOOK))
        return errors
    if client is None:
        errors.append(required(path.child("webhookClientConfig"), "required when strategy is set to Webhook"))
    else:
        errors += _client_errors(client, allow_invalid_ca, path.child("webhookClientConfig"))
    old_reviews = ((before or {}).get("webhook") or {}).get("conversionReviewVersions") or []
    demand_known = not old_reviews or any(review in _KNOWN_REVIEWS for review in old_reviews)
    return errors + _review_errors(reviews, demand_known, path.child("conversionReviewVersions"))


def _client_errors(client: Object, allow_invalid_ca: bool, path: Path) -> ErrorList:
    errors = validate_client_config(client, path)
    if client.get("caBundle") and not allow_invalid_ca:
        errors += _bundle_errors(client["caBundle"], path.child("caBundle"))
    return errors


def _bundle_errors(bundle: str, path: Path) -> ErrorList:
    """`bundle` is base64 of certificates in PEM, whose first line always reads the same."""
    if bundle.startswith("LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0t"):
        return []
    return [invalid(path, bundle, "unable to load root certificates: unable to parse bytes as PEM block")]


def _review_errors(reviews: list[str], demand_known: bool, path: Path) -> ErrorList:
    if not reviews:
        return [required(path)]
    errors: ErrorList = []
    for index, review in enumerate(reviews):
        if review in reviews[:index]:
            errors.append(invalid(path.index(index), review, "duplicate version"))
        else:
            errors += [invalid(path.index(index), review, problem) for problem in dns1035_label(review)]
    if demand_known and not any(review in _KNOWN_REVIEWS for review in reviews):
        errors.append(invalid(path, reviews, f"must include at least one of {', '.join(_KNOWN_REVIEWS)}"))
    return errors

"""Names of signers: "kubernetes.io/kube-apiserver-client" (pkg/apis/core/validation ValidateSignerName)."""

from __future__ import annotations

from minikube_py.machinery.field import ErrorList, Path, invalid, required, too_long
from minikube_py.machinery.gotext import quote
from minikube_py.machinery.names import byte_length, dns1123_label, dns1123_subdomain

_DOMAIN_MAXIMUM = 253
_MAXIMUM = _DOMAIN_MAXIMUM + 1 + 253 + 63 + 1


def validate_signer_name(name: str, path: Path) -> ErrorList:
    if not name:
        return [required(path)]
    if name.count("/") != 1:
        detail = "must be a fully qualified domain and path of the form 'example.com/signer-name'"
        return [invalid(path, name, detail)]
    domain, _, rest = name.partition("/")
    errors: ErrorList = [too_long(path, _DOMAIN_MAXIMUM)] if byte_length(domain) > _DOMAIN_MAXIMUM else []
    for part in domain.split("."):
        if problems := dns1123_label(part):
            errors += [invalid(path, domain, f"validating label {quote(part)}: {problem}") for problem in problems]
            break
    if "." not in domain:
        detail = "should be a domain with at least two segments separated by dots"
        errors.append(invalid(path, domain, detail))
    for part in rest.split("."):
        if problems := dns1123_subdomain(part):
            errors += [invalid(path, rest, f"validating label {quote(part)}: {problem}") for problem in problems]
            break
    return [*errors, too_long(path, _MAXIMUM)] if byte_length(name) > _MAXIMUM else errors

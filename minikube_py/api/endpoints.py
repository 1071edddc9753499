"""Endpoints: from a request on a resource to the registry's verb and back (apiserver's pkg/endpoints/handlers)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from minikube_py.api import body, connect, scale
from minikube_py.api.context import Context
from minikube_py.api.customresources.routing import custom_verb, is_routed
from minikube_py.api.forms import Form, MetadataForm, TableForm, WholeForm
from minikube_py.api.negotiate import (
    ACTION,
    CUSTOM,
    LIST,
    OBJECT,
    Endpoint,
    Negotiated,
    body_media_type,
    is_pretty,
    negotiate,
    patch_media_type,
)
from minikube_py.api.options import (
    DeleteOptions,
    WriteOptions,
    default_watch,
    delete_options,
    list_options,
    validate_list_options,
    write_options,
)
from minikube_py.api.registry import Registry
from minikube_py.api.registry.patching import APPLY, Patch
from minikube_py.api.registry.reading import Page
from minikube_py.api.registry.served import served
from minikube_py.api.reply import NOT_FOUND, Reply, Request, encode_tree, error_reply, recode, warning_headers
from minikube_py.api.requestinfo import RequestInfo
from minikube_py.api.resource import Action, Resource, Subresource
from minikube_py.api.watchstream import ended_watch, watch_reply
from minikube_py.machinery import errors
from minikube_py.machinery.errors import StatusError
from minikube_py.machinery.gotext import quote
from minikube_py.machinery.gvr import GroupVersionKind, GroupVersionResource, Object
from minikube_py.store import Stored

FIELD_MANAGER_BYTES = 128
INCLUDE = ("Metadata", "Object", "None", "")

_ITEM_METHODS = {"GET": "get", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}
_COLLECTION_METHODS = {"GET": "list", "POST": "create", "DELETE": "deletecollection"}
_PROXIED_TOO = ("HEAD", "OPTIONS")
"""Methods of proxies beside those of objects."""


class Endpoints:
    """Answers requests on resources."""

    def __init__(self, registry: Registry, kubernetes: str) -> None:
        self.registry = registry
        self._kubernetes = kubernetes
        self._minor = int(kubernetes.split(".")[1])
        self._verbs: dict[str, Callable[[Context, Request, Negotiated], Awaitable[Reply]]] = {
            "get": self._get,
            "list": self._list,
            "watch": self._watch,
            "create": self._create,
            "update": self._update,
            "patch": self._patch,
            "delete": self._delete,
            "deletecollection": self._delete_collection,
        }

    async def answer(self, request: Request, info: RequestInfo) -> Reply:
        """A refused request's reply carries the warnings that came before. Raises StatusError for unknown paths."""
        resource = self._resource(info)
        if resource is None:
            return NOT_FOUND
        warnings = self._warnings(resource)
        try:
            if resource.custom:
                verb = custom_verb(resource, info)
                subresource = resource.subresource_by_name.get(info.subresource)
            else:
                subresource = self._subresource(resource, info)
                verb = self._verb(request, info, resource, subresource)
        except StatusError as error:
            return error_reply(error, request, self.registry.catalog.schema, warnings)
        ctx = Context(
            self.registry,
            resource,
            verb,
            info.namespace if resource.namespaced else "",
            info.name,
            info.subresource,
            request.user,
            request.user_agent,
            warnings=warnings,
        )
        if subresource is not None and connect.is_stream(subresource):
            return await connect.answer(ctx, request, info)
        negotiated = negotiate(request.accept, _endpoint(ctx, subresource))
        try:
            if subresource is None and _unlisted(resource, verb):
                raise errors.method_not_supported(resource.group_resource, verb)
            return await self._verbs[verb](ctx, request, negotiated)
        except StatusError as error:
            return error_reply(error, request, self.registry.catalog.schema, ctx.warnings)

    def _warnings(self, resource: Resource) -> list[str]:
        """What every answer about the resource warns of."""
        deprecation = resource.deprecation
        return [deprecation.text] if deprecation is not None and self._minor >= deprecation.since else []

    # Routing

    def _resource(self, info: RequestInfo) -> Resource | None:
        """None for what is not found where no built-in group is; raises StatusError 404 for what is not found there."""
        resource = self.registry.catalog.find(GroupVersionResource(info.group, info.version, info.resource))
        if resource is not None and resource.custom:
            return resource if is_routed(resource, info) else None
        if resource is None and not self.registry.catalog.has_builtin_group(info.group):
            return None
        if resource is None or (len(info.parts) > 3 and not info.subresource == "proxy"):
            raise errors.unknown_resource()
        # A namespace is within itself: its own path has one.
        inside = bool(info.namespace) and resource.plural != "namespaces"
        if (inside and not resource.namespaced) or (
            resource.namespaced and not inside and info.name and not _selecting(info)
        ):
            raise errors.unknown_resource()
        return resource

    def _subresource(self, resource: Resource, info: RequestInfo) -> Subresource | None:
        if not info.subresource:
            return None
        found = resource.subresource_by_name.get(info.subresource)
        if found is None:
            raise errors.unknown_resource()
        return found

    def _verb(self, request: Request, info: RequestInfo, resource: Resource, subresource: Subresource | None) -> str:
        """Raises StatusError 405 for what the path does not take."""
        method = request.method
        if subresource is not None:
            verb = "create" if method == "POST" else _ITEM_METHODS.get(method, "")
            if method in _PROXIED_TOO and subresource.name == "proxy":
                verb = "get"
            if verb not in subresource.verbs:
                raise errors.method_not_allowed()
            return verb
        if info.verb == "watch":
            verb = "watch" if method == "GET" else ""
        elif info.name and not _selecting(info):
            verb = _ITEM_METHODS.get(method, "")
        else:
            verb = _COLLECTION_METHODS.get(method, "")
            if verb == "create" and resource.namespaced and not info.namespace:
                raise errors.method_not_allowed()
        if not verb or (verb not in resource.verbs and not _unlisted(resource, verb)):
            raise errors.method_not_allowed()
        return verb

    # Reading

    async def _get(self, ctx: Context, request: Request, negotiated: Negotiated) -> Reply:
        _refuse_list_kind(ctx, negotiated)
        form = self._form(ctx, request, negotiated)
        stored = await self.registry.get(ctx, request.query.get("resourceVersion", ""))
        if ctx.scaling:
            tree = scale.read_scale(ctx.resource, served(ctx.resource, stored).object)
            return self._scale(ctx, request, negotiated, tree)
        return self._reply(ctx, request, negotiated, form.one(stored))

    async def _list(self, ctx: Context, request: Request, negotiated: Negotiated) -> Reply:
        if negotiated.convert == "PartialObjectMetadata":
            text = f"you requested PartialObjectMetadata, but the requested object is a list ({_go_type(ctx)}List)"
            raise errors.not_acceptable_for(text)
        options = list_options(request.query)
        validate_list_options(options, watching=False)
        form = self._form(ctx, request, negotiated)
        page = await self.registry.list(ctx, options)
        return self._reply(ctx, request, negotiated, form.page(page))

    async def _watch(self, ctx: Context, request: Request, negotiated: Negotiated) -> Reply:
        options = list_options(request.query)
        options.watch = True
        default_watch(options)
        validate_list_options(options, watching=True)
        if negotiated.convert == "PartialObjectMetadataList":
            return ended_watch(negotiated)
        return watch_reply(ctx, options, self._form(ctx, request, negotiated), negotiated)

    # Writing

    async def _create(self, ctx: Context, request: Request, negotiated: Negotiated) -> Reply:
        subresource = ctx.resource.subresource_by_name.get(ctx.subresource)
        options = write_options(request.query, "CreateOptions")
        expected = subresource.kind if subresource is not None and subresource.kind else ctx.resource.gvk
        media_type = body_media_type(request.headers.get("Content-Type"))
        self._take_options(ctx, request, options)
        accepts = subresource.accepts if subresource is not None else ()
        draft = self._decode(ctx, request, media_type, expected, accepts)
        if action := _action(ctx.resource, subresource):
            return self._tree(ctx, request, negotiated, await action(ctx, draft), 201)
        ctx.resource.strategy.default(draft)
        created = await self.registry.create(ctx, draft)
        return self._object(ctx, request, negotiated, created, 201)

    async def _update(self, ctx: Context, request: Request, negotiated: Negotiated) -> Reply:
        options = write_options(request.query, "UpdateOptions")
        subresource = ctx.resource.subresource_by_name.get(ctx.subresource)
        media_type = body_media_type(request.headers.get("Content-Type"))
        self._take_options(ctx, request, options)
        expected = scale.KIND if ctx.scaling else ctx.resource.gvk
        draft = self._decode(ctx, request, media_type, expected)
        if not ctx.scaling:
            policy = subresource.strategy if subresource is not None else None
            (policy or ctx.resource.strategy).default(draft)
        updated, created = await self.registry.update(ctx, draft)
        return self._object(ctx, request, negotiated, updated, 201 if created else 200)

    async def _patch(self, ctx: Context, request: Request, negotiated: Negotiated) -> Reply:
        media_type = patch_media_type(request.headers.get("Content-Type"), ctx.resource.custom)
        _check_size(request)
        options = write_options(request.query, "PatchOptions", media_type)
        self._take_options(ctx, request, options)
        if media_type == APPLY:
            ctx.field_manager = options.field_manager
        updated, created = await self.registry.patch(ctx, Patch(media_type, request.body, options))
        return self._object(ctx, request, negotiated, updated, 201 if created else 200)

    async def _delete(self, ctx: Context, request: Request, negotiated: Negotiated) -> Reply:
        options = self._delete_options(ctx, request)
        ctx.dry_run = options.dry_run
        answer, gone = await self.registry.delete(ctx, options)
        status = 202 if not gone and options.orphan is False else 200
        if answer.get("kind") == "Status":
            return self._tree(ctx, request, negotiated, answer, status)
        return self._object(ctx, request, negotiated, answer, status)

    async def _delete_collection(self, ctx: Context, request: Request, negotiated: Negotiated) -> Reply:
        selection = list_options(request.query)
        validate_list_options(selection, watching=False)
        options = self._delete_options(ctx, request)
        ctx.dry_run = options.dry_run
        page = await self.registry.delete_collection(ctx, options, selection)
        return self._reply(ctx, request, negotiated, self._form(ctx, request, negotiated).page(page))

    # Parts

    def _take_options(self, ctx: Context, request: Request, options: WriteOptions) -> None:
        ctx.dry_run = options.dry_run
        ctx.field_validation = options.field_validation
        ctx.field_manager = options.field_manager or manager_of(request.user_agent)

    def _decode(
        self,
        ctx: Context,
        request: Request,
        media_type: str,
        expected: GroupVersionKind,
        accepts: tuple[GroupVersionKind, ...] = (),
    ) -> Object:
        _check_size(request)
        schema = self.registry.catalog.schema
        type = ctx.resource.type if expected == ctx.resource.gvk else schema.type_for(expected)
        if type is None:
            raise errors.unknown_resource()
        return body.decode_object(ctx, request.body, media_type, expected, type, schema, accepts)

    def _delete_options(self, ctx: Context, request: Request) -> DeleteOptions:
        _check_size(request)
        schema = self.registry.catalog.schema
        if not request.body:
            return delete_options(request.query, None, schema)
        content_type = request.headers.get("Content-Type")
        return delete_options({}, body.read_delete_options(request.body, content_type, schema), schema)

    def _form(self, ctx: Context, request: Request, negotiated: Negotiated) -> Form:
        resource = ctx.resource
        if negotiated.convert == "Table":
            include = request.query.get("includeObject", "")
            if include not in INCLUDE:
                raise errors.bad_request(
                    f"Unable to convert to Table as requested: includeObject: Invalid value: {quote(include)}: "
                    "must be 'Metadata', 'Object', 'None', or empty"
                )
            return self._table(ctx, negotiated, include)
        if negotiated.convert:
            return MetadataForm(resource, negotiated.convert_version)
        return WholeForm(resource)

    def _table(self, ctx: Context, negotiated: Negotiated, include: str) -> Form:
        columns, cells = scale.table(ctx.resource) if ctx.scaling else (ctx.resource.columns, ctx.resource.cells)
        return TableForm(
            ctx.resource,
            columns,
            cells,
            version=negotiated.convert_version,
            include=include,
            clock=self.registry.clock,
            kubernetes=self._kubernetes,
        )

    def _object(self, ctx: Context, request: Request, negotiated: Negotiated, obj: Object, status: int) -> Reply:
        """The object a write answers with, in the form asked for."""
        if ctx.scaling:
            return self._scale(ctx, request, negotiated, obj)
        _refuse_list_kind(ctx, negotiated)
        stored = self.registry.store.get(self.registry.key(ctx))
        if stored is None or stored.object is not obj:
            stored = Stored(obj, int(obj["metadata"].get("resourceVersion") or 0))
            form = self._form(ctx, request, negotiated) if negotiated.convert else _AsIs()
        else:
            form = self._form(ctx, request, negotiated)
        return self._reply(ctx, request, negotiated, form.one(stored), status)

    def _scale(self, ctx: Context, request: Request, negotiated: Negotiated, tree: Object) -> Reply:
        if not negotiated.convert:
            return self._tree(ctx, request, negotiated, tree, 200)
        stored = Stored(tree, int(tree["metadata"].get("resourceVersion") or 0))
        return self._reply(ctx, request, negotiated, self._form(ctx, request, negotiated).one(stored))

    def _tree(self, ctx: Context, request: Request, negotiated: Negotiated, tree: Object, status: int) -> Reply:
        pretty = is_pretty(negotiated, request.query.get("pretty", ""), ctx.user_agent)
        encoded = encode_tree(tree, negotiated.media_type, pretty, self.registry.catalog.schema)
        return Reply(status, encoded, negotiated.content_type, warning_headers(ctx.warnings))

    def _reply(
        self, ctx: Context, request: Request, negotiated: Negotiated, encoded: bytes, status: int = 200
    ) -> Reply:
        pretty = is_pretty(negotiated, request.query.get("pretty", ""), ctx.user_agent)
        encoded = recode(encoded, negotiated.media_type, pretty, self.registry.catalog.schema)
        return Reply(status, encoded, negotiated.content_type, warning_headers(ctx.warnings))


class _AsIs:
    """An object that is not stored (a dry run's, a converted one's) as it is."""

    key = None

    def one(self, stored: Stored) -> bytes:
        return stored.json

    event_object = one

    def page(self, page: Page) -> bytes:
        raise AssertionError("a write answers with one object")


def _endpoint(ctx: Context, subresource: Subresource | None) -> Endpoint:
    if ctx.resource.custom:
        return CUSTOM
    if ctx.verb in ("list", "watch"):
        return LIST
    return ACTION if ctx.verb == "create" and _action(ctx.resource, subresource) else OBJECT


def _action(resource: Resource, subresource: Subresource | None) -> Action | None:
    """What a creation does instead of storing its object."""
    return subresource.action if subresource is not None else resource.create


def _unlisted(resource: Resource, verb: str) -> bool:
    """Whether a list or watch has a handler, which refuses it: that of the other one."""
    return verb in ("list", "watch") and verb not in resource.verbs and "list" in resource.verbs


def manager_of(user_agent: str) -> str:
    """The field manager of a client that names none: its user agent up to the first slash, printable, 128 bytes."""
    name = "".join(character for character in user_agent.partition("/")[0] if character.isprintable())
    return name.encode()[:FIELD_MANAGER_BYTES].decode("utf-8", "ignore")


def _selecting(info: RequestInfo) -> bool:
    """Whether the name comes from a field selector, not from the path."""
    return len(info.parts) < 2


def _refuse_list_kind(ctx: Context, negotiated: Negotiated) -> None:
    if negotiated.convert == "PartialObjectMetadataList":
        text = f"you requested PartialObjectMetadataList, but the requested object is not a list ({_go_type(ctx)})"
        raise errors.not_acceptable_for(text)


def _go_type(ctx: Context) -> str:
    """The kind's Go type as messages print it: "*apps.Deployment"."""
    if ctx.resource.custom:
        return "*unstructured.Unstructured"
    return f"*{ctx.resource.group.split('.')[0] or 'core'}.{ctx.resource.kind}"


def _check_size(request: Request) -> None:
    if len(request.body) > body.MAX_BYTES:
        raise errors.too_large(f"limit is {body.MAX_BYTES}")

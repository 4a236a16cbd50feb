"""Operations: the plan of a document, compiled into what checks a request and an answer."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, final
from urllib.parse import unquote_plus, unquote_to_bytes

import orjson
from jsonschema_rs import Draft202012, Draft202012Validator, Registry, Validator

from crossdock_mocks.engine.messages import RawJson, Reply, Request, Response, encode
from crossdock_mocks.engine.parameters import MISSING, Parameter, decode_text, grow, split_query
from crossdock_mocks.engine.problem import Problem, Violation
from crossdock_mocks.engine.schema import FORMATS, WHOLE, Whole, resource
from crossdock_mocks.engine.security import Security
from crossdock_mocks.engine.styles import Malformed, brackets, put
from crossdock_mocks.engine.violations import pointer, violations

_PRECONDITIONS = frozenset({"if-match", "if-unmodified-since"})
_JSON = "application/json"


class Defect(Exception):  # noqa: N818 - it names what it is
    """An answer would have broken the mock's own document."""


@final
class Compiler:
    """Compiles schemas against the shared components of one plan.

    Args:
        plan: See `plan.make_plan`.
    """

    def __init__(self, plan: Mapping[str, Any]) -> None:
        self._registry = Registry(
            [(resource(side), plan["resources"][side]) for side in ("request", "response")],
            draft=Draft202012,
        )
        self._made: dict[bytes, Validator] = {}

    def validator(self, schema: Any) -> Validator:
        """The validator of a schema; equal schemas share one."""
        key = orjson.dumps(schema)
        made = self._made.get(key)
        if made is None:
            made = self._made[key] = Draft202012Validator(
                schema,
                registry=self._registry,
                validate_formats=True,
                formats=FORMATS,
                keywords={WHOLE: Whole},
            )
        return made


@final
class Answer:
    """What the document says about the answers of one status."""

    def __init__(self, rule: Mapping[str, Any], compiler: Compiler) -> None:
        self.content = {
            media: compiler.validator(schema) for media, schema in rule["content"].items()
        }
        self.media = next(iter(self.content), "")
        self.headers = [
            (name, each["required"], each["shape"], compiler.validator(each["schema"]))
            for name, each in rule["headers"].items()
        ]


@final
class Operation:
    """One operation, compiled.

    Args:
        rule: Its part of the plan.
        compiler: Compiles its schemas.
    """

    def __init__(self, rule: Mapping[str, Any], compiler: Compiler) -> None:
        self.id: str = rule["id"]
        self.method: str = rule["method"]
        self.path: str = rule["path"]
        self.aliases: list[str] = rule["aliases"]
        self.bases: list[str] | None = rule["bases"]
        self.provenance: str = rule["provenance"]
        self.security = Security(rule["security"])
        listed = [Parameter(e, compiler.validator(e["schema"])) for e in rule["parameters"]]
        self._path = {each.name: each for each in listed if each.where == "path"}
        self._raw_path = _raw_path(self.path) if any(e.raw for e in listed) else None
        self._query = {each.name: each for each in listed if each.where == "query"}
        self._headers = [each for each in listed if each.where == "header"]
        self._cookies = {each.name: each for each in listed if each.where == "cookie"}
        self._gathered = [each for each in self._query.values() if each.deep or each.spread]
        self._query_names = frozenset(self._query) | self.security.query_names
        self._ignore_unknown: bool = rule["ignore_unknown"]
        self._body = rule["body"]
        self._bodies = {
            media: (compiler.validator(each["schema"]), each["shape"])
            for media, each in (rule["body"] or {"content": {}})["content"].items()
        }
        self._answers = {
            status.upper(): Answer(each, compiler) for status, each in rule["responses"].items()
        }
        self._known: dict[int, Answer | None] = {}

    # Requests

    def parameters(
        self, request: Request, path: dict[str, str], problems: list[Violation]
    ) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
        """Decode and check all parameters.

        Args:
            request: The request.
            path: Path parameters as text, percent-decoded.
            problems: Grows by all that was wrong.

        Returns:
            Path parameters, query parameters, header (and cookie) parameters.

        Raises:
            Problem: 400, what is percent-encoded is not UTF-8.
        """
        if "%" in request.query or "%" in request.path:
            _decodable(request)
        decoded: dict[str, Any] = {}
        if self._raw_path is not None:
            path = self._raw(path, request.path)
        for name, text in path.items():
            rule = self._path.get(name)
            decoded[name] = text if rule is None else rule.read([text], problems)
        query = self._decoded_query(request.query, problems) if self._query or request.query else {}
        headers: dict[str, Any] = {}
        for rule in self._headers:
            sent = request.headers.get(rule.key)
            self._take(rule, None if sent is None else [sent], headers, problems)
        if self._cookies:
            sent_cookies = split_query(request.headers.get("cookie", "").replace("; ", "&"))
            for rule in self._cookies.values():
                self._take(rule, sent_cookies.get(rule.name), headers, problems)
        return decoded, query, headers

    def _take(
        self,
        rule: Parameter,
        texts: list[str] | None,
        into: dict[str, Any],
        problems: list[Violation],
    ) -> None:
        if texts is None:
            value = rule.default()
            if value is MISSING and rule.required:
                problems.append(rule.missing())
        else:
            value = rule.read(texts, problems)
        if value is not MISSING:
            into[rule.key] = value

    def _decoded_query(self, query: str, problems: list[Violation]) -> dict[str, Any]:
        sent = split_query(query) if query else {}
        decoded: dict[str, Any] = {}
        used: set[str] = set()
        for rule in self._gathered:
            tree = self._gather(rule, sent, used, problems)
            if tree:
                value = rule.read_members(tree, problems)
                if value is not MISSING:
                    decoded[rule.key] = value
            elif rule.required:
                problems.append(rule.missing())
        for rule in self._query.values():
            if not (rule.deep or rule.spread):
                self._take(rule, sent.get(rule.name), decoded, problems)
        if not self._ignore_unknown:
            problems.extend(
                _unknown(name, sorted(self._query_names))
                for name in sent
                if name not in self._query_names and name not in used
            )
        return decoded

    def _gather(
        self,
        rule: Parameter,
        sent: Mapping[str, list[str]],
        used: set[str],
        problems: list[Violation],
    ) -> dict[str, Any]:
        """The members of an object that is spread over the query."""
        tree: dict[str, Any] = {}
        for name, texts in sent.items():
            keys: list[str] | None = None
            if rule.deep:
                if name.startswith(f"{rule.name}["):
                    keys = brackets(name)
                    keys = keys and keys[1:]
            elif name in rule.member_names() or (rule.open and name not in self._query_names):
                keys = [name]
            if keys:
                used.add(name)
                try:
                    put(tree, keys, [unquote_plus(text) for text in texts])
                except Malformed as error:
                    problems.append(rule.disagree(error))
        return tree

    def _raw(self, path: dict[str, str], sent: str) -> dict[str, str]:
        """Path parameters, those with a style of their own still percent-encoded."""
        found = self._raw_path.search(sent) if self._raw_path is not None else None
        if found is None:
            return path  # text of the template itself was percent-encoded
        texts = zip(path, found.groups(), strict=True)
        return {
            name: text if name in self._path and self._path[name].raw else path[name]
            for name, text in texts
        }

    def body(self, request: Request, problems: list[Violation]) -> Any:
        """Parse and check the body.

        Raises:
            Problem: 415 for a content type that is not taken, 400 for a body that cannot be read.
        """
        if self._body is None:
            return None
        content_type = request.headers.get("content-type", "")
        if not request.body:
            if self._body["required"]:
                problems.append(Violation("", "is required", "a body", None, "body", "required"))
            return None
        validator, shape, media = self._media(content_type, request)
        if media == _JSON or media.endswith("+json"):
            try:
                value = orjson.loads(request.body)
            except orjson.JSONDecodeError as error:
                raise Problem(
                    400,
                    "malformed_json",
                    "The body is not JSON",
                    f"Line {error.lineno}, column {error.colno}: {error.msg}",
                    [Violation("", error.msg, "JSON (RFC 8259) in UTF-8", None, "body", "json")],
                ) from error
        else:
            value = self._text(request.body, media, shape, content_type)
        if not validator.is_valid(value):
            problems.extend(violations(validator, value, "body"))
        return value

    def _media(self, content_type: str, request: Request) -> tuple[Validator, Any, str]:
        media, _, rest = content_type.partition(";")
        media = media.strip().lower()
        found = self._bodies.get(media)
        if found is None:
            for declared, each in self._bodies.items():
                kind, _, sub = declared.partition("/")
                if declared == "*/*" or (sub == "*" and media.startswith(f"{kind}/")):
                    found = each
        charset = rest.partition("charset=")[2].partition(";")[0].strip(' "').lower()
        encoding = request.headers.get("content-encoding", "identity")
        if found is None or charset not in ("", "utf-8", "utf8", "us-ascii"):
            came, wanted = content_type or None, ", ".join(self._bodies) + " in UTF-8"
            name = "Content-Type"
        elif encoding != "identity":
            came, wanted, name = encoding, "identity", "Content-Encoding"
        else:
            return found[0], found[1], media
        raise Problem(
            415,
            "unsupported_media_type",
            "The body's type is not taken",
            f"Send {name}: {wanted}.",
            [Violation(f"/{name}", f"should be {wanted}", wanted, came, "header", "content")],
            # RFC 9110, section 15.5.16: say which codings, or which types, are taken.
            {"accept-encoding": "identity"}
            if name == "Content-Encoding"
            else {f"accept-{self.method.lower()}": ", ".join(self._bodies)}
            if self.method in ("POST", "PATCH")
            else None,
        )

    def _text(self, body: bytes, media: str, shape: Any, content_type: str) -> Any:
        if media == "application/octet-stream":
            return body.decode("latin-1")
        if media in ("application/xml", "text/xml") or media.endswith("+xml"):
            return self._xml(body, shape)
        if media == "multipart/form-data":
            return self._parts(body, shape, content_type)
        try:
            text = body.decode()
        except UnicodeDecodeError as error:
            raise Problem(
                400, "malformed_text", "The body is not UTF-8", str(error),
                [Violation("", "is not UTF-8", "UTF-8", None, "body", "encoding")],
            ) from error  # fmt: skip
        if media != "application/x-www-form-urlencoded":
            return text
        tree: dict[str, Any] = {}
        try:
            for name, texts in split_query(text).items():
                put(tree, brackets(name) or [name], [unquote_plus(each) for each in texts])
        except Malformed as error:
            raise Problem(
                400, "malformed_form", "The form contradicts itself", f"{name} {error}.",
                [Violation(pointer([name]), str(error), "one or the other", None, "body", "form")],
            ) from error  # fmt: skip
        return grow(tree, shape or {"types": ["object"], "format": ""})

    def _parts(self, body: bytes, shape: Any, content_type: str) -> Any:
        # Imported here, as for XML.
        from crossdock_mocks.engine import multipart

        try:
            return multipart.value(content_type, body, shape)
        except (multipart.MalformedForm, Malformed) as error:
            raise Problem(
                400, "malformed_form", "The form cannot be read", f"{error}.".capitalize(),
                [Violation("", str(error), "multipart/form-data (RFC 7578)", None, "body", "form")],
            ) from error  # fmt: skip

    def _xml(self, body: bytes, shape: Any) -> Any:
        # Imported here: few documents speak XML.
        from crossdock_mocks.engine import xml_bodies

        try:
            root = xml_bodies.parse(body)
        except xml_bodies.MalformedXml as error:
            raise Problem(
                400, "malformed_xml", "The body is not XML", f"{error}.".capitalize(),
                [Violation("", str(error), "XML 1.0 without a document type", None, "body", "xml")],
            ) from error  # fmt: skip
        return xml_bodies.value(root, shape)

    def refusal(self, problems: list[Violation]) -> Problem:
        """One problem that tells all violations of a request."""
        places = {each.where for each in problems}
        if "path" in places:
            return Problem(
                404, "not_found", "There is nothing under this path",
                "The path's parameters are not of their form.", problems,
            )  # fmt: skip
        if all(
            each.where == "header"
            and each.keyword == "required"
            and each.pointer[1:].lower() in _PRECONDITIONS
            for each in problems
        ):
            return Problem(
                428, "precondition_required", "The request has to be conditional",
                "Read first, and send the ETag that came in If-Match (RFC 6585, section 3).",
                problems,
            )  # fmt: skip
        if places == {"body"}:
            if problems[0].pointer == "" and problems[0].keyword == "required":
                return Problem(400, "body_required", "A body is required", "Send a body.", problems)
            return Problem(
                422, "invalid_body", "The body is not valid",
                f"{len(problems)} thing(s) to correct.", problems,
            )  # fmt: skip
        return Problem(
            400, "invalid_request", "The request is not valid",
            f"{len(problems)} thing(s) to correct.", problems,
        )  # fmt: skip

    # Answers

    def declares(self, status: int) -> bool:
        """Whether the document says what an answer of this status looks like."""
        return self._answer(status) is not None

    def _answer(self, status: int) -> Answer | None:
        if status not in self._known:
            answers = self._answers
            self._known[status] = (
                answers.get(str(status)) or answers.get(f"{status // 100}XX") or
                answers.get("DEFAULT")
            )  # fmt: skip
        return self._known[status]

    def respond(self, reply: Reply, *, checked: bool = True) -> Response:
        """Write an answer and check it against the document.

        Args:
            reply: The reply.
            checked: Whether a status that the document does not know is a defect.

        Raises:
            Defect: It breaks the document; the message says how.
        """
        answer = self._answer(reply.status)
        if answer is None:
            if checked:
                raise Defect(f"{self.id} answers {reply.status}, which the document does not know")
            return write(reply, _JSON)
        response = write(reply, answer.media or _JSON)
        if answer.headers:
            self._check_headers(answer, response)
        if not response.body:
            if answer.content and reply.status not in (204, 304):
                raise Defect(f"{self.id} answers {reply.status} without the body declared for it")
            return response
        media = response.headers["content-type"]
        if media != answer.media:
            media = media.partition(";")[0].strip().lower()
        validator = answer.content.get(media)
        if validator is None:
            raise Defect(
                f"{self.id} answers {reply.status} as {media}, "
                f"declared is {', '.join(answer.content) or 'no body'}"
            )
        if media == _JSON or media.endswith("+json"):
            value = orjson.loads(response.body)
            if not validator.is_valid(value):
                reasons = violations(validator, value, "body")
                raise Defect(
                    f"{self.id} answers {reply.status} with a body that breaks the document: "
                    + "; ".join(
                        f"{each.pointer or '/'} {each.message} (is {each.received!r})"
                        for each in reasons
                    )
                )
        return response

    def _check_headers(self, answer: Answer, response: Response) -> None:
        for name, required, shape, validator in answer.headers:
            text = response.headers.get(name)
            if text is None:
                if required:
                    raise Defect(f"{self.id} answers {response.status} without header {name}")
            elif not validator.is_valid(decode_text(text, shape)):
                raise Defect(f"{self.id} answers {response.status} with {name}: {text!r}")


def write(reply: Reply, media: str) -> Response:
    """A reply as bytes and headers."""
    body = reply.body
    if body is None:
        content = b""
    elif isinstance(body, bytes):
        content = body
    else:
        content = (body if type(body) is RawJson else encode(body)).encode()
    headers = {"content-type": media} if content else {}
    for name, value in reply.headers.items():
        headers[name.lower()] = value
    return Response(reply.status, headers, content)


def _decodable(request: Request) -> None:
    """Refuse what would be decoded to other text than was meant."""
    for where, text in (("path", request.path), ("query", request.query)):
        try:
            unquote_to_bytes(text).decode()
        except UnicodeDecodeError as error:
            detail = f"What is percent-encoded in the {where} is not UTF-8."
            raise Problem(
                400, "malformed_url", "The URL cannot be read", detail,
                [Violation("", "is not UTF-8", "UTF-8, percent-encoded", text, where, "encoding")],
            ) from error  # fmt: skip


def _raw_path(template: str) -> re.Pattern[str]:
    """Finds the pieces of a path as they were sent; the server's own path may stand before."""
    parts = re.split(r"\{[^{}]+\}", template)
    return re.compile("([^/]+?)".join(re.escape(part) for part in parts) + r"/?\Z", re.IGNORECASE)


def _unknown(name: str, known: list[str]) -> Violation:
    return Violation(
        pointer([name]),
        "is not a parameter of this operation",
        f"one of {', '.join(known)}" if known else "no query parameters",
        None,
        "query",
        "additionalProperties",
    )

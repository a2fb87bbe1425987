//! Requests that are wrong in one way each.

use palisade_testkit::Call;

/// A way to be wrong.
pub(super) struct Case {
    pub(super) name: &'static str,
    /// Added to the address.
    pub(super) query: &'static str,
    /// Whether the request carries a good token.
    pub(super) signed_in: bool,
    pub(super) spoil: fn(Call) -> Call,
    /// The status demanded of routes that take a JSON body.
    pub(super) with_body: Option<u16>,
}

const fn case(name: &'static str, spoil: fn(Call) -> Call) -> Case {
    Case { name, query: "", signed_in: true, spoil, with_body: None }
}

const fn stranger(name: &'static str, spoil: fn(Call) -> Call) -> Case {
    Case { name, query: "", signed_in: false, spoil, with_body: None }
}

const fn body(name: &'static str, status: u16, spoil: fn(Call) -> Call) -> Case {
    Case { name, query: "", signed_in: true, spoil, with_body: Some(status) }
}

const fn query(name: &'static str, query: &'static str) -> Case {
    Case { name, query, signed_in: true, spoil: |call| call, with_body: None }
}

fn json(call: Call, text: impl Into<Vec<u8>>) -> Call {
    call.body("application/json", text)
}

/// One byte over the limit of a JSON body, 1 MiB.
pub(super) const TOO_LARGE: usize = 1024 * 1024 + 1;

pub(super) const CORPUS: &[Case] = &[
    stranger("no token", |call| call),
    stranger("garbage token", |call| call.token("garbage")),
    stranger("three empty parts", |call| call.token("..")),
    stranger("empty token", |call| call.header("authorization", "Bearer ")),
    stranger("another scheme", |call| call.header("authorization", "Basic dXNlcjpwYXNz")),
    stranger("token of raw bytes", |call| call.header("authorization", b"Bearer \xff\xfe")),
    stranger("endless token", |call| call.token(&"a".repeat(9_000))),
    stranger("two authorizations", |call| call.token("a").header("authorization", "Bearer b")),
    body("a table", 415, |call| call.body("text/csv", "hello")),
    body("xml", 415, |call| call.body("application/xml", "<a/>")),
    body("a broken media type", 415, |call| call.body("a b;;=", "{}")),
    body("json of another kind", 415, |call| call.body("application/json-seq", "{}")),
    case("no body", |call| call),
    body("empty JSON", 400, |call| json(call, "")),
    body("half an object", 400, |call| json(call, r#"{"email": "#)),
    body("a word", 400, |call| json(call, "nul")),
    body("trailing comma", 400, |call| json(call, r#"{"email":"a",}"#)),
    body("trailing garbage", 400, |call| json(call, "{} {}")),
    body("single quotes", 400, |call| json(call, "{'email':'a'}")),
    body("bytes that are not UTF-8", 400, |call| json(call, b"{\"email\":\"\xff\xfe\"}".to_vec())),
    body("UTF-16", 400, |call| json(call, b"\xff\xfe{\0}\0".to_vec())),
    body("a number beyond all numbers", 422, |call| json(call, r#"{"email":1e308}"#)),
    body("nested without end", 400, |call| json(call, "[".repeat(10_000))),
    body("an array", 422, |call| json(call, "[]")),
    body("null", 422, |call| json(call, "null")),
    body("text", 422, |call| json(call, r#""hello""#)),
    body("numbers for texts", 422, |call| {
        json(
            call,
            r#"{"email":1,"username":2,"password":3,"refresh_token":4,"current_password":5,"new_password":6}"#,
        )
    }),
    body("objects for texts", 422, |call| {
        json(call, r#"{"email":{},"username":[],"password":null,"refresh_token":{}}"#)
    }),
    body("a field nobody knows", 422, |call| json(call, r#"{"nobody_knows":1}"#)),
    body("an empty field name", 422, |call| json(call, r#"{"":1,"a/b~c":2}"#)),
    body("NUL in text", 422, |call| {
        json(
            call,
            r#"{"email":"a\u0000@b.co","username":"a\u0000b","password":"a\u0000b","refresh_token":"\u0000","name":"\u0000","current_password":"\u0000","new_password":"\u0000"}"#,
        )
    }),
    body("half a surrogate pair", 422, |call| {
        json(
            call,
            r#"{"email":"\ud800@b.co","username":"\ud800","password":"\ud800","refresh_token":"\udc00","name":"\ud800x","current_password":"\ud800","new_password":"\ud800"}"#,
        )
    }),
    body("over the limit", 413, |call| json(call, vec![b' '; TOO_LARGE])),
    body("an unknown encoding", 415, |call| json(call, "{}").header("content-encoding", "x-unknown")),
    body("gzip that is none", 400, |call| json(call, "{}").header("content-encoding", "gzip")),
    body("brotli that is none", 400, |call| json(call, "{}").header("content-encoding", "br")),
    body("encodings upon encodings", 415, |call| {
        json(call, "{}").header("content-encoding", "gzip, gzip, gzip")
    }),
    case("a broken If-Match", |call| json(call, r#"{"name":"a"}"#).header("if-match", "nonsense\"")),
    case("If-Match of raw bytes", |call| json(call, r#"{"name":"a"}"#).header("if-match", b"\"\xff\"")),
    case("a broken If-None-Match", |call| call.header("if-none-match", ",,\"")),
    case("a form", |call| call.form(&[("username", "x"), ("nobody_knows", "y")])),
    case("a broken form", |call| call.body("application/x-www-form-urlencoded", "a=%ff&%&&==&username=%00")),
    case("a multipart form without boundary", |call| call.body("multipart/form-data", "--x")),
    case("another charset", |call| call.body("application/json; charset=utf-16", "{}")),
    case("an impossible range", |call| call.header("range", "bytes=9-1")),
    case("cookies of raw bytes", |call| call.header("cookie", b"a=\xff; ;;=")),
    case("a broken traceparent", |call| call.header("traceparent", "ff-zz")),
    query("limit 0", "?limit=0"),
    query("limit 101", "?limit=101"),
    query("limit that is no number", "?limit=ten"),
    query("limit twice", "?limit=1&limit=2"),
    query("unknown parameter", "?nobody_knows=1"),
    query("a cursor of our alphabet", "?cursor=AAAA"),
    query("a cursor of another alphabet", "?cursor=%00"),
    query("sorted by a secret", "?sort=password_hash"),
    query("bytes that are not UTF-8", "?%ff=%fe&limit=%ff"),
    query("a broken escape", "?limit=%zz"),
];

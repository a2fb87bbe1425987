//! What the extractors take, and how precisely they refuse.

use actix_web::test::TestRequest;
use palisade_core::{Parse as _, UserId};
use serde_json::{Value, json};

use crate::world::{Answer, World, call, tag};

const ID: &str = "01980a5c-7f3a-7cc2-9d52-6a0d0c6a8f11";

async fn post(path: &str, media_type: &str, body: &str) -> Answer {
    let request = TestRequest::post()
        .uri(path)
        .insert_header(("content-type", media_type))
        .insert_header(("content-length", body.len()))
        .set_payload(body.to_owned());
    call(&World::default(), request).await
}

fn problem(field: &str, code: &str) -> (String, String) {
    (field.to_owned(), code.to_owned())
}

#[actix_web::test]
async fn json_is_read_under_each_of_its_names() {
    for media_type in ["application/json", "application/json; charset=UTF-8", "application/vnd.books+json"] {
        let answer = post("/books", media_type, r#"{"title":"\ud83d\ude00 \\ud800"}"#).await;
        assert_eq!(
            (&answer.json()["title"], &answer.json()["pages"]),
            (&json!("😀 \\ud800"), &Value::Null),
            "{media_type}"
        );
    }
}

#[actix_web::test]
async fn a_form_is_read_where_one_is_taken() {
    let form = "application/x-www-form-urlencoded";
    let answer = post("/login", form, "title=a+b%C3%A9&pages=3").await;
    assert_eq!((&answer.json()["title"], &answer.json()["pages"]), (&json!("a bé"), &json!(3)));
    let answer = post("/login", "application/json", r#"{"title":"a"}"#).await;
    assert_eq!(answer.status, 200);
    let answer = post("/login", "text/plain", "title=a").await;
    assert_eq!(answer.header("accept"), Some("application/json, application/x-www-form-urlencoded"));
}

#[actix_web::test]
async fn each_wrong_member_is_named() {
    for (body, fields) in [
        ("{}", vec![problem("/title", "missing")]),
        (
            r#"{"title":1,"pages":"x","more":0}"#,
            vec![
                problem("/title", "invalid_type"),
                problem("/pages", "invalid_type"),
                problem("/more", "unknown_field"),
            ],
        ),
        (
            r#"{"title":"far longer than it may be","pages":-1,"tags":["a","b","c"]}"#,
            vec![
                problem("/pages", "invalid_number"),
                problem("/title", "too_long"),
                problem("/tags", "too_many"),
            ],
        ),
        (r#"{"title":"a\udc00b"}"#, vec![problem("/title", "invalid_character")]),
        (r#"{"title":"a\u0000b"}"#, vec![problem("/title", "invalid_character")]),
        (r#"{"title":"a","title":"b"}"#, vec![problem("/title", "duplicate")]),
        (r#"{"title":"a","a/b":{"c":1,"c":2}}"#, vec![problem("/a~1b/c", "duplicate")]),
    ] {
        let answer = post("/books", "application/json", body).await;
        assert_eq!((answer.status, answer.fields()), (422, fields), "{body}");
    }
}

#[actix_web::test]
async fn each_wrong_parameter_is_named() {
    for (query, fields) in [
        ("title=a&colour=red", vec![problem("/colour", "unknown_field")]),
        ("title=a&title=a", vec![problem("/title", "duplicate")]),
        ("title=a%00", vec![problem("/title", "invalid_character")]),
        ("title=a&pages=-1", vec![problem("/pages", "invalid_number")]),
    ] {
        let answer = call(&World::default(), TestRequest::with_uri(&format!("/search?{query}"))).await;
        assert_eq!((answer.status, answer.fields()), (422, fields), "{query}");
    }
    let answer = call(&World::default(), TestRequest::with_uri("/search?title=a%20b&pages=7")).await;
    assert_eq!((&answer.json()["title"], &answer.json()["pages"]), (&json!("a b"), &json!(7)));
    let answer = call(&World::default(), TestRequest::with_uri("/search?title=a&tags=x&tags=y")).await;
    assert_eq!(answer.json()["tags"], json!(["x", "y"]));
}

#[actix_web::test]
async fn a_wrong_id_is_named() {
    for id in ["1", "me", "01980a5c7f3a7cc29d526a0d0c6a8f11", "%7B01980a5c-7f3a-7cc2-9d52-6a0d0c6a8f11%7D"] {
        let answer = call(&World::default(), TestRequest::with_uri(&format!("/things/{id}"))).await;
        assert_eq!((answer.status, answer.fields()), (422, vec![problem("/id", "invalid_id")]), "{id}");
    }
}

#[actix_web::test]
async fn conditions_guard_changes_and_spare_transfers() {
    let current = tag(UserId::parse(ID).unwrap());
    let weak = format!("W/{current}");
    let target = format!("/things/{ID}");
    let get = async |held: &str| {
        call(&World::default(), TestRequest::with_uri(&target).insert_header(("if-none-match", held)))
            .await
            .status
    };
    let patch = async |expected: &str| {
        let request = TestRequest::patch().uri(&target).insert_header(("if-match", expected));
        call(&World::default(), request).await.status
    };
    for (held, status) in
        [(&*current.to_string(), 304), (&*weak, 304), ("*", 304), ("\"old\"", 200), ("old", 200)]
    {
        assert_eq!(get(held).await, status, "{held}");
    }
    for (expected, status) in
        [(&*current.to_string(), 204), ("*", 204), (&*weak, 412), ("\"old\"", 412), ("old", 400)]
    {
        assert_eq!(patch(expected).await, status, "{expected}");
    }
}

#[actix_web::test]
async fn a_body_of_many_errors_does_not_come_back_larger_than_it_went() {
    let members: Vec<_> = (0..20_000).map(|number| format!("\"m{number}\":1")).collect();
    let body = format!("{{{}}}", members.join(","));
    let world = World { limit: body.len(), ..World::default() };
    let request = TestRequest::post().uri("/books").insert_header(("content-type", "application/json"));
    let request = request.insert_header(("content-length", body.len())).set_payload(body.clone());
    let answer = call(&world, request).await;
    assert_eq!(answer.status, 422);
    assert!(answer.body.len() < body.len(), "{} of {}", answer.body.len(), body.len());
}

#[actix_web::test]
async fn no_value_that_was_refused_comes_back() {
    let mark = "q7Zx";
    let long = mark.repeat(9);
    for body in [
        format!(
            r#"{{"title":["{mark}"],"pages":"{mark}","secret":{{"a":"{mark}"}},"tags":"{mark}","more":"{mark}"}}"#
        ),
        format!(
            r#"{{"title":"{long}","pages":"{mark}","secret":"{mark}\u0000","tags":["{mark}","{mark}","{mark}"]}}"#
        ),
        format!(r#"{{"title":"{long}","secret":"{mark}"}}"#),
        format!(r#"{{"title":"a","title":"{mark}"}}"#),
        format!(r#"["{mark}"]"#),
        format!(r#""{mark}"#),
    ] {
        for path in ["/books", "/login"] {
            let answer = post(path, "application/json", &body).await;
            let shown = format!("{:?}{}", answer.headers, String::from_utf8_lossy(&answer.body));
            assert!(answer.status >= 400 && !shown.contains(mark), "{body}: {shown}");
        }
    }
    let form = format!("title={long}&secret={mark}%00&pages={mark}&pages={mark}&tags={mark}");
    let answer = post("/login", "application/x-www-form-urlencoded", &form).await;
    assert_eq!(answer.fields().len(), 3, "{answer:?}");
    assert!(!String::from_utf8_lossy(&answer.body).contains(mark), "{answer:?}");
}

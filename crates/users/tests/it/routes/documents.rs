//! What the API document says of the routes.

use actix_web::App;
use palisade_users::http::configure;
use serde_json::{Value, json};
use utoipa_actix_web::AppExt;

fn document() -> Value {
    let (_, document) = App::new().into_utoipa_app().configure(configure).split_for_parts();
    serde_json::to_value(document).unwrap()
}

#[test]
fn every_route_says_who_may_use_it() {
    let document = document();
    let security = |path: &str, method: &str| {
        document["paths"][path][method]["security"]
            .as_array()
            .unwrap_or_else(|| panic!("{method} {path}"))
            .clone()
    };
    assert_eq!(security("/auth/register", "post"), [json!({})]);
    for (path, method, permissions) in [
        ("/users/me", "get", json!([])),
        ("/users/me", "patch", json!([])),
        ("/users/{id}", "get", json!([])),
        ("/users/{id}", "patch", json!([])),
        ("/users", "get", json!(["users:read"])),
        ("/users", "post", json!(["users:write"])),
        ("/users/{id}", "delete", json!(["users:write"])),
    ] {
        assert_eq!(security(path, method), [json!({"bearer": permissions})], "{method} {path}");
    }
}

#[test]
fn every_schema_that_is_pointed_to_is_there() {
    let document = document();
    let text = document.to_string();
    for pointer in text.split("\"$ref\":\"#").skip(1).map(|rest| rest.split('"').next().unwrap()) {
        assert!(document.pointer(pointer).is_some(), "{pointer}");
    }
}

#[test]
fn no_schema_takes_a_name_that_another_domain_could_want() {
    let document = document();
    let schemas = document["components"]["schemas"].as_object().unwrap();
    let shared = ["Cursor", "Id", "NewPassword", "Role"];
    let ours = [
        "Email",
        "NewUser",
        "PersonName",
        "SignUp",
        "User",
        "UserChange",
        "UserPage",
        "UserStatus",
        "Username",
    ];
    let strangers: Vec<&String> = schemas
        .keys()
        .filter(|name| !shared.contains(&name.as_str()) && !ours.contains(&name.as_str()))
        .collect();
    assert!(strangers.is_empty(), "{strangers:?}");
}

#[test]
fn every_operation_is_named_after_the_domain() {
    let document = document();
    let operations =
        document["paths"].as_object().unwrap().values().flat_map(|path| path.as_object().unwrap().values());
    let names: Vec<&str> = operations.map(|operation| operation["operationId"].as_str().unwrap()).collect();
    assert_eq!(names.len(), 8);
    assert!(names.iter().all(|name| name.starts_with("users_")), "{names:?}");
}

#[test]
fn the_user_is_described_as_it_is_shown() {
    let document = document();
    let user = &document["components"]["schemas"]["User"];
    let fields: Vec<&String> = user["properties"].as_object().unwrap().keys().collect();
    let shown = ["created_at", "email", "id", "name", "roles", "status", "updated_at", "username"];
    let mut sorted = fields.clone();
    sorted.sort();
    assert_eq!(sorted, shown.iter().collect::<Vec<_>>());
    let required = user["required"].as_array().unwrap();
    assert!(shown.iter().all(|field| required.contains(&json!(field))), "{required:?}");
    assert!(!document.to_string().contains("password_hash"));
}

#[test]
fn the_query_of_a_list_is_described() {
    let document = document();
    let parameters = document["paths"]["/users"]["get"]["parameters"].as_array().unwrap().clone();
    let names: Vec<&str> = parameters.iter().map(|parameter| parameter["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["limit", "cursor", "q", "role", "status", "sort"]);
    assert!(parameters.iter().all(|parameter| parameter["in"] == "query" && parameter["required"] == false));
    let sort = &parameters.last().unwrap()["schema"];
    assert_eq!(sort["type"], "string");
    assert!(sort["enum"].as_array().unwrap().contains(&json!("-created_at")), "{sort}");
}

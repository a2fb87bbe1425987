//! An answer is its caller's alone.

use actix_web::test::TestRequest;

use super::{World, assert_replay, post};

const ANN: &str = "01980a5c-7f3a-7cc2-9d52-6a0d0c6a8f11";
const BOB: &str = "01980a5c-7f3a-7cc2-9d52-6a0d0c6a8f12";

fn by(user: &'static str) -> TestRequest {
    post("/echo", "k", "hello").insert_header(("x-user", user))
}

fn from(address: &str) -> TestRequest {
    post("/echo", "k", "hello").peer_addr(address.parse().unwrap())
}

#[actix_web::test]
async fn a_user_never_gets_another_user_s_answer() {
    let world = World::new();
    let (ann, bob) = (world.send(by(ANN)).await, world.send(by(BOB)).await);
    assert_eq!((&ann.json()["call"], &bob.json()["call"]), (&1.into(), &2.into()));
    assert_replay(&world.send(by(ANN)).await, &ann);
    assert_replay(&world.send(by(BOB)).await, &bob);
}

#[actix_web::test]
async fn a_user_s_answer_follows_the_user_to_another_address() {
    let world = World::new();
    let at = |address: &str| by(ANN).peer_addr(address.parse().unwrap());
    let first = world.send(at("192.0.2.1:1")).await;
    assert_replay(&world.send(at("192.0.2.2:1")).await, &first);
}

#[actix_web::test]
async fn strangers_are_told_apart_by_their_address_and_from_users() {
    let world = World::new();
    let first = world.send(from("192.0.2.1:1")).await;
    assert_replay(&world.send(from("192.0.2.1:2")).await, &first);
    assert_eq!(world.send(from("192.0.2.2:1")).await.json()["call"], 2);
    assert_eq!(world.send(from("[2001:db8::1]:1")).await.json()["call"], 3);
    assert_eq!(world.send(by(ANN).peer_addr("192.0.2.1:1".parse().unwrap())).await.json()["call"], 4);
}

#[actix_web::test]
async fn a_key_that_another_took_first_is_free() {
    let world = World::new();
    world.send(from("192.0.2.1:1")).await;
    let other = post("/echo", "k", "another body").peer_addr("192.0.2.2:1".parse().unwrap());
    assert_eq!(world.send(other).await.status, 201);
}

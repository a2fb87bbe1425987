//! What a cluster puts into the environment does not disturb.

use crate::sample::{from_env, problem};

#[test]
fn the_variables_of_services_named_like_sections_are_ignored() {
    let injected = [
        ("REDIS_PORT", "tcp://10.0.0.1:6379"),
        ("REDIS_SERVICE_HOST", "10.0.0.1"),
        ("REDIS_SERVICE_PORT", "6379"),
        ("REDIS_SERVICE_PORT_REDIS", "6379"),
        ("REDIS_PORT_6379_TCP", "tcp://10.0.0.1:6379"),
        ("REDIS_PORT_6379_TCP_ADDR", "10.0.0.1"),
        ("DATABASE_SERVICE_HOST", "10.0.0.2"),
        ("DATABASE_PORT", "tcp://10.0.0.2:5432"),
        ("DATABASE_PORT_5432_TCP", "tcp://10.0.0.2:5432"),
        ("DATABASE_PORT_5432_TCP_PROTO", "tcp"),
        ("SERVERS_PORT", "tcp://10.0.0.3:80"),
        ("KUBERNETES_PORT", "tcp://10.0.0.1:443"),
    ];
    let loaded = from_env(&injected).unwrap();
    assert_eq!(loaded.settings.server.port, 8000);
    assert_eq!(loaded.notes, [""; 0]);
}

#[test]
fn an_address_in_a_port_of_ours_is_ignored_with_a_note() {
    for name in ["SERVER_PORT", "PORT", "HTTP_PORT"] {
        let loaded = from_env(&[(name, "tcp://10.0.0.3:80")]).unwrap();
        assert_eq!(loaded.settings.server.port, 8000);
        assert_eq!(
            loaded.notes,
            [format!("{name} is ignored: it holds the address a cluster gives a service")]
        );
    }
}

#[test]
fn a_wrong_port_is_still_wrong() {
    assert_eq!(problem(&[("SERVER_PORT", "http://10.0.0.3")]).key, "server.port");
}

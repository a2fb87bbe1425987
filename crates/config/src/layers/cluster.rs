//! Variables that a cluster puts into every container.

use crate::schema::ValueKind;

/// How Kubernetes and Docker write the address of a service.
const ADDRESSES: [&str; 3] = ["tcp://", "udp://", "sctp://"];

/// Whether a variable has the form of those that Kubernetes makes for each service, and Docker for each link:
/// for `redis` `REDIS_SERVICE_HOST`, `REDIS_SERVICE_PORT`, `REDIS_SERVICE_PORT_HTTP`, `REDIS_PORT`,
/// `REDIS_PORT_6379_TCP`, `…_PROTO`, `…_PORT`, `…_ADDR`.
/// <https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables>
pub(super) fn is_injected(name: &str, value: &str) -> bool {
    let service =
        name.ends_with("_SERVICE_HOST") || name.ends_with("_SERVICE_PORT") || name.contains("_SERVICE_PORT_");
    service || is_port_variable(name) || (name.ends_with("PORT") && is_address(value))
}

/// Whether the value is the address of a service and cannot be meant for a setting of this kind, although the
/// name is ours: a service called `server` makes `SERVER_PORT=tcp://10.0.0.1:80`.
pub(super) fn is_address_for(name: &str, value: &str, kind: &ValueKind) -> bool {
    name.ends_with("PORT") && is_address(value) && !matches!(kind, ValueKind::Text { .. } | ValueKind::Any)
}

fn is_address(value: &str) -> bool {
    ADDRESSES.iter().any(|address| value.starts_with(address))
}

/// `X_PORT_<number>_<protocol>` with or without a part behind it.
fn is_port_variable(name: &str) -> bool {
    let Some((_, rest)) = name.split_once("_PORT_") else { return false };
    let mut words = rest.split('_');
    let number =
        words.next().is_some_and(|word| !word.is_empty() && word.bytes().all(|b| b.is_ascii_digit()));
    number && matches!(words.next(), Some("TCP" | "UDP" | "SCTP"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_variables_of_a_service_are_known_by_their_form() {
        let names = [
            "REDIS_SERVICE_HOST",
            "DATABASE_SERVICE_PORT",
            "DATABASE_SERVICE_PORT_POSTGRES",
            "DATABASE_PORT_5432_TCP",
            "REDIS_PORT_6379_TCP_ADDR",
            "REDIS_PORT_6379_TCP_PROTO",
        ];
        for name in names {
            assert!(is_injected(name, "10.0.0.1"), "{name}");
        }
        assert!(is_injected("REDIS_PORT", "tcp://10.0.0.1:6379"));
        assert!(!is_injected("SERVER_PROT", "8000"));
        assert!(!is_injected("SERVER_PORT_X_TCP", "8000"));
    }
}

//! The services of a running server, by type.

use std::{
    any::{Any, TypeId, type_name},
    collections::HashMap,
    fmt,
    sync::Arc,
};

use utoipa_actix_web::service_config::ServiceConfig;

/// A service of any type.
pub(crate) type Value = Arc<dyn Any + Send + Sync>;
/// Gives a service to the handlers of an application.
pub(crate) type HandOut = fn(&Value, &mut ServiceConfig<'_>);

/// The services of a server, one of each type. Handlers find them as `web::Data`.
#[derive(Clone, Default)]
pub struct Services {
    values: HashMap<TypeId, Value>,
    handed_out: Vec<(TypeId, HandOut)>,
}

impl Services {
    /// Adds a service, which handlers get by `hand_out`.
    pub(crate) fn insert(&mut self, id: TypeId, value: Value, hand_out: HandOut) {
        self.values.insert(id, value);
        self.handed_out.push((id, hand_out));
    }

    /// The service of this type.
    ///
    /// # Errors
    /// When no domain provides it.
    pub fn find<T: Clone + Send + Sync + 'static>(&self) -> Result<&T, Missing> {
        let value = self.values.get(&TypeId::of::<T>()).and_then(|value| value.downcast_ref());
        value.ok_or(Missing(type_name::<T>()))
    }

    /// Gives handlers each service as `web::Data`.
    pub(crate) fn hand_out(&self, config: &mut ServiceConfig<'_>) {
        for (id, hand_out) in &self.handed_out {
            if let Some(value) = self.values.get(id) {
                hand_out(value, config);
            }
        }
    }
}

impl fmt::Debug for Services {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Services").field("count", &self.values.len()).finish()
    }
}

/// A service that a function asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Need {
    pub(crate) id: TypeId,
    pub(crate) name: &'static str,
}

impl Need {
    pub(crate) fn of<T: 'static>() -> Self {
        Self { id: TypeId::of::<T>(), name: type_name::<T>() }
    }
}

/// A service that nobody provides. The build of a server finds these before anything is made.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("no domain provides the service `{0}`")]
pub struct Missing(pub(crate) &'static str);

//! The services of a running server, by type.

use std::{
    any::{Any, TypeId, type_name},
    collections::HashMap,
    fmt,
    sync::Arc,
};

use actix_web::web::Data;
use futures_util::future::BoxFuture;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    factory::{Factory, Missing, Need},
    failure::Failure,
    foundation::Foundation,
};

type Value = Arc<dyn Any + Send + Sync>;
type Make = dyn Fn(Arc<Foundation>, &Services) -> Result<BoxFuture<'static, Result<Value, Failure>>, Missing>
    + Send
    + Sync;

/// A service that a domain provides: its type, what it is made of, how it is made.
#[derive(Clone)]
pub(crate) struct Provider {
    pub(crate) provides: Need,
    pub(crate) needs: Vec<Need>,
    make: Arc<Make>,
    hand_out: fn(&Value, &mut ServiceConfig<'_>),
}

impl Provider {
    pub(crate) fn new<Needs, F>(factory: F) -> Self
    where
        F: Factory<Needs>,
        F::Output: Clone + Send + Sync,
    {
        Self {
            provides: Need::of::<F::Output>(),
            needs: F::needs(),
            make: Arc::new(move |foundation, services| {
                let making = factory.make(foundation, services)?;
                Ok(Box::pin(async move { Ok(Arc::new(making.await?) as Value) }))
            }),
            hand_out: |value, config| {
                if let Some(service) = value.downcast_ref::<F::Output>() {
                    config.app_data(Data::new(service.clone()));
                }
            },
        }
    }
}

/// The services of a server, one of each type. Handlers find them as `web::Data`.
#[derive(Clone, Default)]
pub struct Services {
    values: HashMap<TypeId, Value>,
    handed_out: Vec<(TypeId, fn(&Value, &mut ServiceConfig<'_>))>,
}

impl Services {
    /// Makes one after the other. `providers` stand in an order in which each finds what it needs.
    pub(crate) async fn start(
        providers: impl Iterator<Item = &Provider>,
        foundation: &Arc<Foundation>,
    ) -> Result<Self, Failure> {
        let mut services = Self::default();
        for provider in providers {
            let making = (provider.make)(Arc::clone(foundation), &services)?;
            services.values.insert(provider.provides.id, making.await?);
            services.handed_out.push((provider.provides.id, provider.hand_out));
        }
        Ok(services)
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

/// The order in which providers can be made, each after those it needs.
///
/// # Errors
/// What stands in the way: a service that nobody provides, or a circle.
pub(crate) fn order(providers: &[(&'static str, Provider)]) -> Result<Vec<usize>, Vec<String>> {
    let mut problems = Vec::new();
    for (domain, provider) in providers {
        for need in &provider.needs {
            if !providers.iter().any(|(_, other)| other.provides.id == need.id) {
                problems.push(format!(
                    "`{}` of the domain `{domain}` needs the service `{}`, which no domain provides",
                    provider.provides.name, need.name
                ));
            }
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let mut order: Vec<usize> = Vec::new();
    while order.len() < providers.len() {
        let is_made = |need: &Need| {
            order.iter().filter_map(|made| providers.get(*made)).any(|(_, made)| made.provides.id == need.id)
        };
        let next = providers
            .iter()
            .enumerate()
            .find(|(index, (_, provider))| !order.contains(index) && provider.needs.iter().all(is_made));
        match next {
            Some((index, _)) => order.push(index),
            None => return Err(vec![circle(providers, &order)]),
        }
    }
    Ok(order)
}

fn circle(providers: &[(&'static str, Provider)], made: &[usize]) -> String {
    let left = providers.iter().enumerate().filter(|(index, _)| !made.contains(index));
    let left: Vec<_> = left
        .map(|(_, (domain, provider))| format!("`{}` of the domain `{domain}`", provider.provides.name))
        .collect();
    format!("these services need each other in a circle: {}", left.join(", "))
}

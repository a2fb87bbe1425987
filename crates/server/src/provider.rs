//! How services are made, and in which order.

use std::sync::Arc;

use actix_web::web::Data;
use futures_util::future::BoxFuture;

use crate::{
    factory::Factory,
    failure::Failure,
    foundation::Foundation,
    services::{HandOut, Missing, Need, Services, Value},
};

type Make = dyn Fn(Arc<Foundation>, &Services) -> Result<BoxFuture<'static, Result<Value, Failure>>, Missing>
    + Send
    + Sync;

/// A service that a domain provides: its type, what it is made of, how it is made.
#[derive(Clone)]
pub(crate) struct Provider {
    pub(crate) provides: Need,
    pub(crate) needs: Vec<Need>,
    make: Arc<Make>,
    hand_out: HandOut,
}

impl Provider {
    /// What `factory` makes.
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

/// Makes services, one after the other. `providers` stand in an order in which each finds what it needs.
pub(crate) async fn start(
    providers: impl Iterator<Item = &Provider>,
    foundation: &Arc<Foundation>,
) -> Result<Services, Failure> {
    let mut services = Services::default();
    for provider in providers {
        let making = (provider.make)(Arc::clone(foundation), &services)?;
        services.insert(provider.provides.id, making.await?, provider.hand_out);
    }
    Ok(services)
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

//! Functions that make something out of the foundation and of services.

use std::{future::Future, sync::Arc};

use futures_util::future::BoxFuture;

use crate::{
    failure::Failure,
    foundation::Foundation,
    services::{Missing, Need, Services},
};

/// A function that makes a `Output`, given the [`Foundation`] and the services that its other arguments name.
///
/// It is implemented for each function and closure of the form
/// `async fn(Arc<Foundation>, A, B, …) -> Result<Output, E>`, with up to eight services. An error of any type that
/// becomes a [`Failure`] will do: `anyhow::Error`, `palisade_core::Error`, `Failure` itself.
pub trait Factory<Needs>: Send + Sync + 'static {
    /// What it makes.
    type Output: 'static;

    /// The services that it asks for.
    fn needs() -> Vec<Need>;

    /// Makes it.
    ///
    /// # Errors
    /// The service that is not there.
    fn make(
        &self,
        foundation: Arc<Foundation>,
        services: &Services,
    ) -> Result<BoxFuture<'static, Result<Self::Output, Failure>>, Missing>;
}

macro_rules! factories {
    ($($service:ident)*) => {
        impl<Make, Making, Made, Failed, $($service),*> Factory<($($service,)*)> for Make
        where
            Make: Fn(Arc<Foundation>, $($service),*) -> Making + Send + Sync + 'static,
            Making: Future<Output = Result<Made, Failed>> + Send + 'static,
            Made: 'static,
            Failed: Into<Failure>,
            $($service: Clone + Send + Sync + 'static,)*
        {
            type Output = Made;

            fn needs() -> Vec<Need> {
                vec![$(Need::of::<$service>()),*]
            }

            fn make(
                &self,
                foundation: Arc<Foundation>,
                services: &Services,
            ) -> Result<BoxFuture<'static, Result<Made, Failure>>, Missing> {
                // A function may ask for no service.
                let _ = services;
                let making = self(foundation, $(services.find::<$service>()?.clone()),*);
                Ok(Box::pin(async move { making.await.map_err(Into::into) }))
            }
        }
    };
}

factories!();
factories!(A);
factories!(A B);
factories!(A B C);
factories!(A B C D);
factories!(A B C D E);
factories!(A B C D E F);
factories!(A B C D E F G);
factories!(A B C D E F G H);

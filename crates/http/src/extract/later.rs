//! A body that is read when the handler asks for it.

use std::{
    fmt,
    future::{Ready, ready},
    marker::PhantomData,
};

use actix_web::{FromRequest, HttpRequest, dev::Payload};

/// The extractor `E` of a body, put off until the handler calls [`read`](Later::read): a handler that can refuse a request
/// by its path or its caller alone does so before it reads, decompresses and parses anything.
///
/// ```
/// use actix_web::{HttpResponse, web::Path};
/// use palisade_core::Error;
/// use palisade_http::{Result, extract::{Body, Later}};
/// use serde::de::DeserializeOwned;
/// use validator::Validate;
///
/// async fn make<T: DeserializeOwned + Validate + 'static>(token: Path<String>, body: Later<Body<T>>) -> Result<HttpResponse> {
///     if *token != "secret" {
///         return Err(Error::not_found("There is no such link").into());
///     }
///     let Body(wanted) = body.read().await?;
///     # let _ = wanted;
///     Ok(HttpResponse::Created().finish())
/// }
/// ```
pub struct Later<E> {
    request: HttpRequest,
    payload: Payload,
    extractor: PhantomData<fn() -> E>,
}

impl<E: FromRequest> Later<E> {
    /// Reads the body.
    ///
    /// # Errors
    /// As the extractor.
    pub async fn read(mut self) -> Result<E, E::Error> {
        E::from_request(&self.request, &mut self.payload).await
    }
}

impl<E: 'static> FromRequest for Later<E> {
    type Error = std::convert::Infallible;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        ready(Ok(Self { request, payload, extractor: PhantomData }))
    }
}

impl<E> fmt::Debug for Later<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Later").finish_non_exhaustive()
    }
}

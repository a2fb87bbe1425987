//! A header on every response.

use actix_web::{
    Error,
    dev::ServiceResponse,
    http::header::{HeaderName, HeaderValue},
};

/// Puts a header into the response, be it one already or an error that will become one.
pub(crate) fn with_header<B>(
    outcome: Result<ServiceResponse<B>, Error>,
    name: HeaderName,
    value: HeaderValue,
) -> Result<ServiceResponse<B>, Error> {
    match outcome {
        Ok(mut response) => {
            response.headers_mut().insert(name, value);
            Ok(response)
        }
        Err(mut error) => {
            error.add_response_mapper(move |mut response| {
                response.headers_mut().insert(name.clone(), value.clone());
                response
            });
            Err(error)
        }
    }
}

//! Headers on every response.

use actix_web::http::header::HeaderMap;

use crate::layer::Outcome;

/// Puts a header into the response, be it one already or an error that will become one.
#[cfg(any(feature = "process-time", feature = "request-id"))]
pub(crate) fn with_header(
    outcome: Outcome,
    name: actix_web::http::header::HeaderName,
    value: actix_web::http::header::HeaderValue,
) -> Outcome {
    match outcome {
        Ok(mut response) => {
            response.headers_mut().insert(name, value);
            Ok(response)
        }
        Err(error) => with_headers(Err(error), move |headers| {
            headers.insert(name.clone(), value.clone());
        }),
    }
}

/// Lets `edit` at the headers of the response, be it one already or an error that will become one.
pub(crate) fn with_headers(outcome: Outcome, edit: impl Fn(&mut HeaderMap) + 'static) -> Outcome {
    match outcome {
        Ok(mut response) => {
            edit(response.headers_mut());
            Ok(response)
        }
        Err(mut error) => {
            error.add_response_mapper(move |mut response| {
                edit(response.headers_mut());
                response
            });
            Err(error)
        }
    }
}

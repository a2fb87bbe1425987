//! One attempt: a request, the redirects it meets, and the whole of its answer.

use super::{Error, Limits, guard::Guard, redirect, refusal::Refusal, request::Request, response::Response};

/// Sends `request`, follows where it is redirected, and reads the answer to its end. Each address on the way is checked
/// as the first one is: by the guard as it is written, and by the connection's resolver as it is resolved.
pub(super) async fn exchange(
    connections: &reqwest::Client,
    guard: &Guard,
    limits: Limits,
    mut request: Request,
) -> Result<Response, Error> {
    let mut redirects = 0;
    loop {
        guard.check_url(&request.url)?;
        let answer = send(connections, &request).await?;
        if limits.redirects == 0 {
            return Response::read(answer, &request.method, limits.body).await;
        }
        let Some(next) = redirect::next(&request, answer.status(), answer.headers())? else {
            return Response::read(answer, &request.method, limits.body).await;
        };
        if redirects == limits.redirects {
            return Err(Refusal::TooManyRedirects(limits.redirects).into());
        }
        redirects += 1;
        request = next;
    }
}

async fn send(connections: &reqwest::Client, request: &Request) -> Result<reqwest::Response, Error> {
    let Request { method, url, headers, body } = request.clone();
    let mut sent = reqwest::Request::new(method, url);
    *sent.headers_mut() = headers;
    if !body.is_empty() {
        *sent.body_mut() = Some(body.into());
    }
    Ok(connections.execute(sent).await?)
}

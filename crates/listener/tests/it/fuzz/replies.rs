//! Parses the responses of a reply.

use super::application::METHOD;

/// One response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reply {
    pub(super) status: u16,
    /// The method that the application received. `None` for an error response of the server.
    pub(super) method: Option<String>,
    pub(super) closes: bool,
    pub(super) body: String,
    is_json: bool,
    request_id: Option<String>,
}

/// Parses a reply into its responses.
///
/// # Errors
/// The problem with the reply.
pub(super) fn parse(mut reply: &[u8]) -> Result<Vec<Reply>, String> {
    let mut replies = Vec::new();
    while !reply.is_empty() {
        let (next, rest) = one(reply).ok_or_else(|| format!("no response: {}", shown(reply)))?;
        reply = rest;
        if next.status >= 200 {
            replies.push(next);
        }
    }
    Ok(replies)
}

/// The first bytes, for a message.
pub(super) fn shown(bytes: &[u8]) -> String {
    String::from_utf8_lossy(&bytes[..bytes.len().min(400)]).into_owned()
}

fn one(bytes: &[u8]) -> Option<(Reply, &[u8])> {
    let end = bytes.windows(4).position(|part| part == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&bytes[..end]).ok()?;
    let rest = &bytes[end + 4..];
    let mut lines = head.split("\r\n");
    let status = lines.next()?.strip_prefix("HTTP/1.")?.get(2..5)?.parse().ok()?;
    let headers = lines.map(|line| line.split_once(": ")).collect::<Option<Vec<_>>>()?;
    let header = |name: &str| {
        let mut values =
            headers.iter().filter(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        let value = values.next();
        values.next().is_none().then_some(value)
    };
    let method = header(METHOD)?;
    let has_body = status >= 200 && !matches!(status, 204 | 304) && method.as_deref() != Some("HEAD");
    let (body, rest) = match (has_body, header("content-length")?, header("transfer-encoding")?.as_deref()) {
        (false, _, _) => (Vec::new(), rest),
        (true, Some(length), None) => {
            let (body, rest) = rest.split_at_checked(length.parse().ok()?)?;
            (body.to_vec(), rest)
        }
        (true, None, Some("chunked")) => chunked(rest)?,
        _ => return None,
    };
    let reply = Reply {
        status,
        method,
        closes: header("connection")?.as_deref() == Some("close"),
        body: String::from_utf8(body).ok()?,
        is_json: header("content-type")?.as_deref() == Some("application/json"),
        request_id: header("x-request-id")?,
    };
    Some((reply, rest))
}

fn chunked(mut rest: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let mut body = Vec::new();
    loop {
        let end = rest.windows(2).position(|part| part == b"\r\n")?;
        let length = usize::from_str_radix(std::str::from_utf8(&rest[..end]).ok()?, 16).ok()?;
        let (chunk, behind) = rest[end + 2..].split_at_checked(length)?;
        body.extend_from_slice(chunk);
        rest = behind.strip_prefix(b"\r\n")?;
        if length == 0 {
            return Some((body, rest));
        }
    }
}

impl Reply {
    /// Whether it is an error response with the standard body.
    pub(super) fn is_standard(&self) -> bool {
        let Ok(body) = serde_json::from_str::<serde_json::Value>(&self.body) else { return false };
        let error = &body["error"];
        let complete = ["code", "message", "request_id"].iter().all(|member| error[*member].is_string());
        let named = error["request_id"].as_str() == self.request_id.as_deref();
        self.status >= 400 && self.closes && self.is_json && complete && named
    }

    /// The parts that are the same in each run. A head that is both malformed and too large is rejected for whichever is
    /// found first, so all error responses count as equal.
    pub(super) fn outline(&self) -> (Option<u16>, Option<String>, Option<String>) {
        let is_answer = self.method.is_some();
        (is_answer.then_some(self.status), self.method.clone(), is_answer.then(|| self.body.clone()))
    }
}

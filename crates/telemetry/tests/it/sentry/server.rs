//! A small Sentry.

use std::{
    collections::BTreeMap,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    sync::mpsc::{Receiver, Sender, channel},
};

use serde_json::Value;

use super::LIMIT;

pub(super) struct Server {
    pub(super) address: String,
    requests: Receiver<Request>,
}

#[derive(Debug)]
pub(super) struct Request {
    pub(super) line: String,
    pub(super) headers: BTreeMap<String, String>,
    pub(super) body: String,
}

impl Server {
    /// Answers each request with `status` and `headers`, each of them ending in a line break.
    pub(super) fn start(status: &'static str, headers: &'static str) -> Self {
        Self::answering(&[], (status, headers))
    }

    /// Answers the first requests of a connection with `first`, and then always with `then`.
    pub(super) fn answering(
        first: &'static [(&'static str, &'static str)],
        then: (&'static str, &'static str),
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (heard, requests) = channel();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let heard = heard.clone();
                std::thread::spawn(move || {
                    serve(stream.unwrap(), first.iter().chain(std::iter::repeat(&then)), &heard)
                });
            }
        });
        Self { address, requests }
    }

    /// The next request.
    pub(super) fn next(&self) -> Request {
        self.requests.recv_timeout(LIMIT).unwrap()
    }

    /// Those that came besides.
    pub(super) fn rest(&self) -> Vec<Request> {
        self.requests.try_iter().collect()
    }
}

impl Request {
    /// The only item of the envelope: an event.
    pub(super) fn event(&self) -> Value {
        let lines: Vec<&str> = self.body.lines().collect();
        let [envelope, item, event] = lines[..] else { panic!("{}", self.body) };
        let [envelope, item]: [Value; 2] = [envelope, item].map(|text| serde_json::from_str(text).unwrap());
        assert_eq!((&item["type"], &item["length"]), (&"event".into(), &event.len().into()));
        let event: Value = serde_json::from_str(event).unwrap();
        assert_eq!(envelope["event_id"].as_str().unwrap().replace('-', ""), event["event_id"]);
        event
    }
}

fn serve<'a>(
    stream: TcpStream,
    answers: impl Iterator<Item = &'a (&'a str, &'a str)>,
    heard: &Sender<Request>,
) {
    let mut reader = BufReader::new(&stream);
    for (status, headers) in answers {
        let Some(request) = read(&mut reader) else { return };
        // Heard before it is answered: when the sender is done with it, the test can see it.
        let _ = heard.send(request);
        let answer = format!("HTTP/1.1 {status}\r\n{headers}content-length: 2\r\n\r\n{{}}");
        (&stream).write_all(answer.as_bytes()).unwrap();
    }
}

fn read(reader: &mut BufReader<&TcpStream>) -> Option<Request> {
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|length| *length > 0)?;
    let mut headers = BTreeMap::new();
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        let Some((name, value)) = header.trim().split_once(": ") else { break };
        headers.insert(name.to_ascii_lowercase(), value.to_owned());
    }
    let mut body = vec![0; headers["content-length"].parse().unwrap()];
    reader.read_exact(&mut body).ok()?;
    Some(Request { line: line.trim().to_owned(), headers, body: String::from_utf8(body).unwrap() })
}

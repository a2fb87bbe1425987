//! The output of a running program.

use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncRead, BufReader},
    task::JoinHandle,
};

/// What comes out of a pipe, line by line.
pub(super) struct Lines {
    text: Arc<Mutex<String>>,
    reader: JoinHandle<()>,
}

impl Lines {
    /// Reads the pipe to its end, whoever looks.
    pub(super) fn read(pipe: impl AsyncRead + Unpin + Send + 'static) -> Self {
        let text = Arc::new(Mutex::new(String::new()));
        let sink = Arc::clone(&text);
        let reader = tokio::spawn(async move {
            let mut lines = BufReader::new(pipe).lines();
            while let Ok(Some(line)) = lines.next_line().await {
                let mut text = sink.lock().unwrap_or_else(PoisonError::into_inner);
                text.push_str(&line);
                text.push('\n');
            }
        });
        Self { text, reader }
    }

    /// What came so far.
    pub(super) fn text(&self) -> String {
        self.text.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Those lines that are JSON.
    pub(super) fn json(&self) -> Vec<Value> {
        self.text().lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
    }

    /// Waits for the end of the pipe and gives everything.
    pub(super) async fn rest(self) -> String {
        self.reader.await.unwrap();
        let text = self.text.lock().unwrap_or_else(PoisonError::into_inner);
        text.clone()
    }
}

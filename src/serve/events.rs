//! What is told of work while it goes on, as server-sent events: `queued`, `progress`, and `result` or `error` at the end.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::body::{Body, Bytes};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use serde_json::{Value, json};
use tokio::sync::mpsc::{Receiver, Sender, channel};

use crate::{Observer, Stage};

/// Events that wait for a slow reader; steps of progress beyond them are left out.
const WAITING_MAX: usize = 8;
/// Steps of progress that nobody would see are not told.
const STEP: f64 = 0.01;

/// Who is told; gone when the reader is.
#[derive(Clone, Debug)]
pub(super) struct Teller(Sender<Bytes>);

/// A teller, and the answer whose body is what it tells.
pub(super) fn telling() -> (Teller, Response) {
    let (sender, receiver) = channel(WAITING_MAX);
    let next = |mut receiver: Receiver<Bytes>| async move {
        let bytes = receiver.recv().await?;
        Some((Ok::<_, std::convert::Infallible>(bytes), receiver))
    };
    let body = Body::from_stream(stream::unfold(receiver, next));
    let headers = [(header::CONTENT_TYPE, "text/event-stream")];
    (Teller(sender), (headers, body).into_response())
}

impl Teller {
    /// Is nobody reading any more?
    pub(super) fn is_alone(&self) -> bool {
        self.0.is_closed()
    }

    /// Waits until nobody reads any more.
    pub(super) async fn alone(&self) {
        self.0.closed().await;
    }

    /// Tells something that may be left out.
    fn mention(&self, event: &str, data: &Value) {
        let _ = self.0.try_send(encoded(event, &data.to_string()));
    }

    /// How many are served before.
    pub(super) fn queued(&self, before: usize) {
        self.mention("queued", &json!({ "before": before }));
    }

    /// Tells how it ended.
    pub(super) async fn ended(&self, ended: Result<String, String>) {
        let event = match ended {
            Ok(result) => encoded("result", &result),
            Err(error) => encoded("error", &json!({ "error": error }).to_string()),
        };
        let _ = self.0.send(event).await;
    }
}

/// One event. Documents are laid out over lines, and a line of an event needs its name.
fn encoded(event: &str, data: &str) -> Bytes {
    let lines: Vec<String> = data.lines().map(|line| format!("data: {line}\n")).collect();
    format!("event: {event}\n{}\n", lines.concat()).into()
}

/// Watches work for a reader: it stops when the reader is gone, or the server stops.
#[derive(Debug)]
pub(super) struct Watching {
    pub(super) teller: Teller,
    pub(super) stopping: Arc<AtomicBool>,
    told: Option<(Stage, f64)>,
}

impl Watching {
    pub(super) fn new(teller: Teller, stopping: Arc<AtomicBool>) -> Self {
        Self { teller, stopping, told: None }
    }
}

impl Observer for Watching {
    fn progress(&mut self, stage: Stage, share: f64) -> ControlFlow<()> {
        let is_news = |(told, before): (Stage, f64)| told != stage || share - before >= STEP;
        if self.told.is_none_or(is_news) {
            self.told = Some((stage, share));
            self.teller.mention("progress", &json!({ "stage": stage.name(), "share": share }));
        }
        if self.teller.is_alone() || self.stopping.load(Ordering::Relaxed) {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_has_its_name_on_every_line() {
        assert_eq!(encoded("result", "{\n1}"), "event: result\ndata: {\ndata: 1}\n\n");
    }

    #[test]
    fn work_that_nobody_reads_of_is_stopped() {
        let (teller, answer) = telling();
        let mut watching = Watching::new(teller, Arc::default());
        assert!(watching.progress(Stage::Fitting, 0.5).is_continue());
        drop(answer);
        assert!(watching.progress(Stage::Fitting, 0.6).is_break());
    }
}

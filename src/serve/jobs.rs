//! Work: few pieces of it at once, the others in a queue, each stopped when nobody waits for it any more.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use axum::response::Response;
use futures_util::future::{Either, select};
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

use super::events::{Teller, Watching, telling};
use super::refusal::Refusal;
use super::routes::App;
use super::visits::{Visit, Work};
use crate::Error;

/// Pieces of work at once: a stretch that is heard need not wait for a master of another page, and each uses all cores.
const AT_ONCE: usize = 2;
/// Pieces of work that are done or wait; one more is refused.
const QUEUE_MAX: usize = 256;

/// All work that is done or waits.
#[derive(Debug)]
pub(super) struct Jobs {
    slots: Arc<Semaphore>,
    entered: Arc<AtomicUsize>,
    stopping: Arc<AtomicBool>,
}

impl Default for Jobs {
    fn default() -> Self {
        let slots = Arc::new(Semaphore::new(AT_ONCE));
        Self { slots, entered: Arc::default(), stopping: Arc::default() }
    }
}

/// A place among them, given back when dropped.
struct Place(Arc<AtomicUsize>);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Jobs {
    /// Everything stops at its next step.
    pub(super) fn stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
    }

    /// A place, and how many are before.
    fn enter(&self) -> Result<(Place, usize), Refusal> {
        let before = self.entered.fetch_add(1, Ordering::Relaxed);
        let place = Place(Arc::clone(&self.entered));
        if before >= QUEUE_MAX {
            return Err(Refusal::busy(format!("{before} others wait already; try again later")));
        }
        Ok((place, before))
    }
}

/// Does work on a song when its turn comes; the answer tells of it while it goes on.
pub(super) fn begin(
    app: &App,
    visit: Arc<Visit>,
    work: impl FnOnce(&mut Work, &mut Watching) -> Result<String, Error> + Send + 'static,
) -> Result<Response, Refusal> {
    let (place, before) = app.jobs.enter()?;
    let (teller, response) = telling();
    if before >= AT_ONCE {
        teller.queued(before);
    }
    let app = Arc::clone(app);
    tokio::spawn(async move {
        if let Some(ended) = done(&app, &visit, &teller, work).await {
            drop(place);
            teller.ended(ended).await;
        }
    });
    Ok(response)
}

/// What came of it; `None` where nobody wants to know.
async fn done(
    app: &App,
    visit: &Visit,
    teller: &Teller,
    work: impl FnOnce(&mut Work, &mut Watching) -> Result<String, Error> + Send + 'static,
) -> Option<Result<String, String>> {
    let turn = async {
        let song = Arc::clone(&visit.work).lock_owned().await;
        (song, Arc::clone(&app.jobs.slots).acquire_owned().await)
    };
    let (mut song, slot) = match select(pin!(turn), pin!(teller.alone())).await {
        Either::Left((turn, _)) => turn,
        Either::Right(_) => return None,
    };
    let mut watching = Watching::new(teller.clone(), Arc::clone(&app.jobs.stopping));
    let ended = spawn_blocking(move || {
        let ended = work(&mut song, &mut watching);
        drop(slot);
        ended
    });
    match ended.await {
        Ok(Err(Error::Cancelled)) if teller.is_alone() => None,
        Ok(Err(Error::Cancelled)) => Some(Err("the server is being ended".to_owned())),
        Ok(ended) => Some(ended.map_err(|error| error.to_string())),
        Err(_) => {
            *visit.work.lock().await = Work::default();
            Some(Err("the work broke off, which is a mistake of the program; open the song again"
                .to_owned()))
        }
    }
}

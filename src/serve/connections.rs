//! Connections: a bounded number of them, and none that never says what it wants.

use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

use super::{Shared, routes};

/// Connections at once; more wait until one of them ends. Half of the files that a process may usually open.
const CONNECTIONS_MAX: usize = 512;
/// A request says what it wants within this time.
const HEADER_TIMEOUT: Duration = Duration::from_secs(20);
/// When there are no more files to be had, some will be closed soon.
const PAUSE: Duration = Duration::from_millis(50);

/// Takes connections for ever.
pub(super) async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let router = routes::router(shared);
    let room = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    loop {
        let Ok(permit) = Arc::clone(&room).acquire_owned().await else { return };
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(_) => {
                tokio::time::sleep(PAUSE).await;
                continue;
            }
        };
        let service = TowerToHyperService::new(router.clone());
        tokio::spawn(async move {
            let mut http = http1::Builder::new();
            http.timer(TokioTimer::new()).header_read_timeout(HEADER_TIMEOUT);
            // Whoever went away is told nothing.
            let _ = http.serve_connection(TokioIo::new(stream), service).await;
            drop(permit);
        });
    }
}

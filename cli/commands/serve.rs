//! `acetate serve`: the page for the browser, with this program as its engine.

use std::path::PathBuf;

use acetate::Observer;
use acetate::serve::{LIMIT_BYTES, Serving};
use clap::Args;
use serde_json::json;

use crate::exit::Exit;
use crate::failure::Outcome;
use crate::global::{Global, print, print_json};
use crate::interrupt;
use crate::progress::Progress;

/// Bytes of a megabyte.
const MEGABYTE: u64 = 1_000_000;

/// Master in the browser, for this machine alone
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  acetate serve                     songs are dropped on the page, masters downloaded\n  acetate serve songs               offers the songs of the folder, too, and writes masters into songs/mastered\n  acetate serve songs -n            writes nothing into it\n  acetate serve --port 8080 --limit 500\n\nOpen the address that is printed, all of it: what stands behind # lets nobody else in. Ctrl-C ends it."
)]
pub(crate) struct ServeArguments {
    /// Offer the songs of this folder, and write masters into its folder `mastered`
    #[arg(value_name = "DIR")]
    folder: Option<PathBuf>,
    /// Listen at this port of 127.0.0.1 [default: one that is free]
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    port: u16,
    /// Largest upload, in megabytes
    #[arg(long, value_name = "MB", allow_negative_numbers = true, default_value_t = LIMIT_BYTES / MEGABYTE, value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    limit: u64,
}

pub(crate) fn run(arguments: &ServeArguments, global: &Global) -> Outcome<Exit> {
    let serving = Serving {
        folder: arguments.folder.clone(),
        read_only: global.dry_run,
        port: arguments.port,
        limit_bytes: arguments.limit * MEGABYTE,
    };
    let server = serving.bind()?;
    let stopper = server.stopper();
    interrupt::instead(move || stopper.stop());
    let address = server.address();
    if global.wants_json() {
        print_json(&json!({
            "schema": crate::result::SCHEMA, "command": "serve", "ok": true, "exit": Exit::Done, "files": [], "address": address,
        }))?;
    } else {
        print(&format!("{address}\n"))?;
    }
    let progress = global.progress();
    progress.done("Serving", "open the address above; Ctrl-C ends it");
    server.run(&mut Told(&progress))?;
    progress.done("Ended", "no temporary file was left");
    Ok(Exit::Done)
}

/// Says which masters were written.
struct Told<'a>(&'a Progress);

impl Observer for Told<'_> {
    fn note(&mut self, text: &str) {
        self.0.done("Wrote", text);
    }
}

//! Progress and status: talk, so on standard error.

use std::cell::RefCell;
use std::io::{IsTerminal, stderr};
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use clap::ValueEnum;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};

use crate::speech::{BARS, PROGRESS_SCHEMA, REDRAWS_HZ, say, say_json, speaks_json};
use acetate::text::Paint;
use acetate::text::table::WIDTH;

/// A bar appears only when the work takes longer than this.
const BAR_AFTER: Duration = Duration::from_millis(300);
/// Without a terminal: one line now and then, so that a log shows life.
const LINE_EVERY: Duration = Duration::from_secs(10);
thread_local! {
    /// Lines of the file that this thread works on, while they are kept together.
    static HELD: RefCell<Option<Vec<String>>> = const { RefCell::new(None) };
}

/// Says a line, or keeps it with the others of its file.
fn say_in_turn(line: String) {
    let now = HELD.with_borrow_mut(|held| match held {
        Some(lines) => {
            lines.push(line);
            None
        }
        None => Some(line),
    });
    if let Some(line) = now {
        say(&line);
    }
}

/// Does `work` and gives the lines it has to say, which are not said yet: files that are worked on at once say theirs in turn.
pub(crate) fn holding_lines<R>(work: impl FnOnce() -> R) -> (R, Vec<String>) {
    HELD.set(Some(Vec::new()));
    let result = work();
    (result, HELD.take().unwrap_or_default())
}

/// How to show progress.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ProgressMode {
    /// A bar on a terminal, plain lines elsewhere
    #[default]
    Auto,
    /// A bar
    Bar,
    /// Lines of text
    Plain,
    /// Lines of JSON
    Json,
    /// None
    None,
}

/// Where status and progress lines go.
#[derive(Clone, Debug)]
pub(crate) struct Progress {
    mode: ProgressMode,
    quiet: bool,
    paint: Paint,
}

impl Progress {
    pub(crate) fn new(mode: ProgressMode, quiet: bool, paint: Paint) -> Self {
        let mode = match mode {
            ProgressMode::Auto if stderr().is_terminal() => ProgressMode::Bar,
            ProgressMode::Auto => ProgressMode::Plain,
            chosen => chosen,
        };
        Self { mode: if quiet { ProgressMode::None } else { mode }, quiet, paint }
    }

    /// Colours for standard error.
    pub(crate) fn paint(&self) -> Paint {
        self.paint
    }

    /// One finished step: a verb in the past tense, and what it gave.
    pub(crate) fn done(&self, verb: &str, what: &str) {
        self.line(verb, &self.paint.good(&format!("{verb:>9}")), what);
    }

    /// The same, with the time it took at the right.
    pub(crate) fn timed(&self, verb: &str, what: &str, begun: Instant) {
        let seconds = format!("{:.1} s", begun.elapsed().as_secs_f64());
        let room = WIDTH.saturating_sub(11 + seconds.len() + 2);
        self.done(verb, &format!("{what:<room$}  {seconds}"));
    }

    /// Something to know that is not an error.
    pub(crate) fn note(&self, verb: &str, what: &str) {
        self.line(verb, &self.paint.warn(&format!("{verb:>9}")), what);
    }

    fn line(&self, verb: &str, painted: &str, what: &str) {
        match (self.quiet, speaks_json()) {
            (true, _) => {}
            (_, true) => say_json(json!({
                "schema": PROGRESS_SCHEMA, "status": verb.to_lowercase(), "text": plain(what),
            })),
            _ => say_in_turn(format!("{painted}  {what}")),
        }
    }

    /// Begins a stage of work on one file that can say how far it is.
    pub(crate) fn stage(&self, verb: &'static str, file: &str, duration_s: Option<f64>) -> Stage {
        Stage::new(self.mode, verb, file, duration_s)
    }
}

/// What the library tells of one file, on this program's lines and bars.
#[derive(Debug)]
pub(crate) struct Watching<'a> {
    progress: &'a Progress,
    name: String,
    duration_s: Option<f64>,
    stage: Option<(acetate::Stage, Stage)>,
}

impl Progress {
    /// Watches the work on one file.
    pub(crate) fn watching(&self, name: &str, duration_s: Option<f64>) -> Watching<'_> {
        Watching { progress: self, name: name.to_owned(), duration_s, stage: None }
    }
}

impl acetate::Observer for Watching<'_> {
    fn progress(&mut self, stage: acetate::Stage, share: f64) -> ControlFlow<()> {
        if self.stage.as_ref().is_none_or(|(now, _)| *now != stage) {
            let verb = match stage {
                acetate::Stage::Measuring => "Measuring",
                acetate::Stage::Fitting => "Fitting",
                acetate::Stage::Settling => "Settling",
                acetate::Stage::Rendering => "Rendering",
                acetate::Stage::Searching => "Searching",
                acetate::Stage::Checking => "Checking",
                _ => "Verifying",
            };
            let duration_s = self.duration_s.filter(|_| stage == acetate::Stage::Rendering);
            self.stage = Some((stage, self.progress.stage(verb, &self.name, duration_s)));
        }
        if let Some((_, shown)) = &self.stage {
            shown.set(share);
        }
        ControlFlow::Continue(())
    }

    fn note(&mut self, text: &str) {
        self.progress.note("Note", text);
    }
}

/// A line without the spaces that set its columns.
fn plain(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A stage of work in progress; dropping it ends it.
#[derive(Clone, Debug)]
pub(crate) struct Stage {
    shared: Arc<Mutex<StageState>>,
}

#[derive(Debug)]
struct StageState {
    mode: ProgressMode,
    verb: &'static str,
    file: String,
    duration_s: Option<f64>,
    begun: Instant,
    spoken: Instant,
    bar: Option<ProgressBar>,
}

impl Stage {
    fn new(mode: ProgressMode, verb: &'static str, file: &str, duration_s: Option<f64>) -> Self {
        let now = Instant::now();
        let file = file.to_owned();
        let state = StageState { mode, verb, file, duration_s, begun: now, spoken: now, bar: None };
        Self { shared: Arc::new(Mutex::new(state)) }
    }

    /// Tells how far the stage is, 0 to 1. Cheap enough to call for every block.
    pub(crate) fn set(&self, fraction: f64) {
        if let Ok(mut state) = self.shared.lock() {
            state.set(fraction.clamp(0.0, 1.0));
        }
    }
}

impl StageState {
    fn set(&mut self, fraction: f64) {
        match self.mode {
            ProgressMode::Bar => self.draw(fraction),
            ProgressMode::Plain if self.spoken.elapsed() >= LINE_EVERY => {
                say(&format!("{:>9}  {}  {:.0} %", self.verb, self.file, fraction * 100.0));
                self.spoken = Instant::now();
            }
            ProgressMode::Json
                if self.spoken.elapsed().as_millis() >= 1000 / u128::from(REDRAWS_HZ) =>
            {
                say_json(self.json_line(fraction));
                self.spoken = Instant::now();
            }
            _ => {}
        }
    }

    fn json_line(&self, fraction: f64) -> Value {
        json!({
            "schema": PROGRESS_SCHEMA,
            "file": self.file,
            "stage": self.verb.to_lowercase(),
            "percent": (fraction * 1000.0).round() / 10.0,
            "elapsed_s": (self.begun.elapsed().as_secs_f64() * 10.0).round() / 10.0,
        })
    }

    fn draw(&mut self, fraction: f64) {
        if self.bar.is_none() && self.begun.elapsed() >= BAR_AFTER {
            self.bar = Some(new_bar(self.verb));
        }
        if let Some(bar) = &self.bar {
            bar.set_message(self.speed(fraction));
            bar.set_position((fraction * 1000.0) as u64);
        }
    }

    /// `120x real time, 2 s left`
    fn speed(&self, fraction: f64) -> String {
        let elapsed_s = self.begun.elapsed().as_secs_f64();
        let left_s = if fraction > 0.0 { elapsed_s / fraction - elapsed_s } else { 0.0 };
        let speed = self
            .duration_s
            .map(|duration_s| format!("{:.0}x real time, ", duration_s * fraction / elapsed_s))
            .unwrap_or_default();
        format!("{}  {speed}{left_s:.0} s left", self.file)
    }
}

impl Drop for StageState {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

fn new_bar(verb: &'static str) -> ProgressBar {
    let style = ProgressStyle::with_template("{prefix:>9} [{bar:24}] {percent:>3} %  {wide_msg}")
        .unwrap_or_else(|_| ProgressStyle::default_bar())
        .progress_chars("=> ");
    BARS.add(ProgressBar::new(1000).with_style(style).with_prefix(verb))
}

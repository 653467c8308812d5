//! What can be asked for, and who answers.

use std::fmt::Display;
use std::fs::File;
use std::io::Read;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, Path, Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};
use futures_util::stream;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::task::spawn_blocking;

use super::refusal::Refusal;
use super::visits::{Made, Sound, Visit, Work};
use super::{Shared, assets, guard, jobs, keeping};
use crate::{Answer, Ask, Error, Observer, Output, Song, offers};

/// What every handler gets.
pub(super) type App = Arc<Shared>;

type Answered = Result<Response, Refusal>;

/// Longest question, in bytes.
const QUESTION_BYTES_MAX: usize = 1 << 20;
/// What is read of a file at once, in bytes.
const PIECE_BYTES: usize = 1 << 18;
/// Decoded sound up to this size is held in memory for each page; what is longer is read again for each pass.
const MEMORY_LIMIT_BYTES: u64 = 128 << 20;
/// Channels that are heard, which is what browsers play everywhere.
const HEARD_MAX: usize = 2;

/// A song is opened: one that was uploaded, or one of the folder.
#[derive(Debug, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case", deny_unknown_fields)]
enum Opening {
    Open { upload: Option<u64>, file: Option<String>, columns: usize, length: f64 },
    Record { upload: Option<u64>, file: Option<String>, length: f64 },
}

/// All routes.
pub(super) fn router(shared: Arc<Shared>) -> Router {
    let api = Router::new()
        .route("/hello", get(hello))
        .route("/files", get(files))
        .route("/desks", post(sit_down))
        .route("/desks/{desk}", delete(leave))
        .route("/desks/{desk}/uploads/{name}", post(upload))
        .route("/desks/{desk}/ask", post(ask))
        .route("/desks/{desk}/sounds/{number}", get(sound))
        .route("/desks/{desk}/masters/{number}", get(master))
        .route("/desks/{desk}/masters/{number}/keep", post(keep))
        .fallback(async || Refusal::not_found("there is nothing here"))
        .layer(DefaultBodyLimit::max(QUESTION_BYTES_MAX))
        .layer(from_fn_with_state(Arc::clone(&shared), guard::token));
    Router::new()
        .nest("/api", api)
        .fallback(get(assets::asset))
        .layer(from_fn_with_state(Arc::clone(&shared), guard::place))
        .with_state(shared)
}

fn in_json(value: &Value) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], value.to_string()).into_response()
}

/// Does what waits for disks or other programs where that holds nobody else up.
async fn aside<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Refusal> + Send + 'static,
) -> Result<T, Refusal> {
    spawn_blocking(work).await.map_err(|error| Refusal::failed(error.to_string()))?
}

async fn hello(State(app): State<App>) -> Answered {
    let mut hello = aside(|| Ok(offers())).await?;
    hello["folder"] = json!(app.folder.as_ref().map(|folder| folder.name()));
    hello["writable"] = json!(app.folder.as_ref().is_some_and(|folder| !folder.read_only));
    hello["limit_bytes"] = json!(app.uploads.limit_bytes);
    Ok(in_json(&hello))
}

async fn files(State(app): State<App>) -> Answered {
    let list = move || match &app.folder {
        Some(folder) => Ok(folder.list()?),
        None => Ok(Default::default()),
    };
    let (files, more) = aside(list).await?;
    Ok(in_json(&json!({ "files": files, "more": more })))
}

async fn sit_down(State(app): State<App>) -> Answered {
    let desk = app.visits.open()?;
    Ok((StatusCode::CREATED, in_json(&json!({ "desk": desk }))).into_response())
}

async fn leave(State(app): State<App>, Path(desk): Path<String>) -> StatusCode {
    app.visits.close(&desk);
    StatusCode::NO_CONTENT
}

async fn upload(
    State(app): State<App>,
    Path((desk, name)): Path<(String, String)>,
    request: Request,
) -> Answered {
    let visit = app.visits.get(&desk)?;
    let announced = request.headers().get(header::CONTENT_LENGTH);
    let announced = announced.and_then(|value| value.to_str().ok()?.parse().ok());
    let upload = app.uploads.receive(&name, announced, request.into_body()).await?;
    Ok(in_json(&json!({ "upload": visit.uploaded(upload) })))
}

async fn ask(State(app): State<App>, Path(desk): Path<String>, question: Bytes) -> Answered {
    let visit = app.visits.get(&desk)?;
    let wrong = |error: &dyn Display| Refusal::wrong(format!("the question is wrong: {error}"));
    let question: Value = serde_json::from_slice(&question).map_err(|error| wrong(&error))?;
    if matches!(question["what"].as_str(), Some("open" | "record")) {
        let opening: Opening =
            acetate_documents::from_value(question).map_err(|fault| wrong(&fault))?;
        return open(&app, visit, opening);
    }
    let ask: Ask = acetate_documents::from_value(question).map_err(|fault| wrong(&fault))?;
    let (shared, place) = (Arc::clone(&app), Arc::clone(&visit));
    jobs::begin(&app, visit, move |work, observer| answer(&shared, &place, work, &ask, observer))
}

fn open(app: &App, visit: Arc<Visit>, opening: Opening) -> Answered {
    let found = |upload: Option<u64>, file: &Option<String>| -> Result<Sound, Refusal> {
        let sound = match (upload, file) {
            (Some(number), None) => visit.upload(number),
            (None, Some(name)) => app.folder.as_ref().and_then(|folder| folder.find(name)),
            _ => return Err(Refusal::wrong("a song is opened by an upload or by a file")),
        };
        sound.ok_or_else(|| match file {
            Some(name) => Refusal::not_found(format!("{name} is not in the folder")),
            None => Refusal::not_found("the upload is not there any more"),
        })
    };
    let of = |sound: &Sound| {
        let opening = Song::opening_file(sound.name.clone(), sound.path.as_path().into());
        opening.memory_limit_bytes(MEMORY_LIMIT_BYTES)
    };
    match opening {
        Opening::Open { upload, file, columns, length } => {
            let sound = found(upload, &file)?;
            jobs::begin(app, Arc::clone(&visit), move |work, observer| {
                work.mix = None;
                let answer = work.desk.open(of(&sound), columns, length, observer)?;
                work.mix = Some(sound);
                Ok(answer.json)
            })
        }
        Opening::Record { upload, file, length } => {
            let (sound, place) = (found(upload, &file)?, Arc::clone(&visit));
            jobs::begin(app, Arc::clone(&visit), move |work, observer| {
                let answer = work.desk.record(of(&sound), length, observer)?;
                Ok(with_sound(answer, &place))
            })
        }
    }
}

fn answer(
    app: &Shared,
    visit: &Visit,
    work: &mut Work,
    ask: &Ask,
    observer: &mut dyn Observer,
) -> Result<String, Error> {
    let name = work.desk.output_name().unwrap_or_default();
    let folder = app.uploads.room()?;
    let output = Output::file(folder.path().join(&name)).settings_beside(false);
    let answer = work.desk.ask(ask, output, observer)?;
    let Some(master) = answer.master.as_deref() else { return Ok(with_sound(answer, visit)) };
    let document = master.document.clone();
    let inner = work.mix.as_ref().map(|mix| mix.inner.clone()).unwrap_or_default();
    let number = visit.made(Made { folder, name, inner, document });
    Ok(numbered(&answer.json, number))
}

/// The answer; what is heard of it is fetched by its number.
fn with_sound(answer: Answer, visit: &Visit) -> String {
    let Some(sound) = &answer.sound else { return answer.json };
    let planes = sound.audio.planes().iter().take(HEARD_MAX);
    let bytes: Vec<u8> = planes.flatten().flat_map(|sample| sample.to_le_bytes()).collect();
    numbered(&answer.json, visit.sounding(bytes.into()))
}

fn numbered(json: &str, number: u64) -> String {
    let mut value: Value = serde_json::from_str(json).unwrap_or_default();
    value["number"] = json!(number);
    value.to_string()
}

async fn sound(State(app): State<App>, Path((desk, number)): Path<(String, u64)>) -> Answered {
    let sound = app.visits.get(&desk)?.sound(number);
    let sound = sound.ok_or_else(|| Refusal::not_found("this was heard already"))?;
    Ok(([(header::CONTENT_TYPE, "application/octet-stream")], sound).into_response())
}

async fn master(State(app): State<App>, Path((desk, number)): Path<(String, u64)>) -> Answered {
    let made = made(&app, &desk, number)?;
    let path = made.path();
    let cannot = |error: std::io::Error| Refusal::failed(format!("the master is gone: {error}"));
    let open = move || {
        let file = File::open(path).map_err(cannot)?;
        Ok((file.metadata().map_err(cannot)?.len(), file))
    };
    let (bytes, file) = aside(open).await?;
    // The folder stays as long as it is read from.
    let pieces = stream::try_unfold((file, made), |(mut file, made)| async move {
        let read = move || -> std::io::Result<_> {
            let mut piece = vec![0; PIECE_BYTES];
            let length = file.read(&mut piece)?;
            piece.truncate(length);
            Ok((piece, file))
        };
        let (piece, file) = spawn_blocking(read).await.map_err(std::io::Error::other)??;
        Ok::<_, std::io::Error>((!piece.is_empty()).then_some((Bytes::from(piece), (file, made))))
    });
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
        (header::CONTENT_LENGTH, bytes.to_string()),
    ];
    Ok((headers, Body::from_stream(pieces)).into_response())
}

async fn keep(State(app): State<App>, Path((desk, number)): Path<(String, u64)>) -> Answered {
    let made = made(&app, &desk, number)?;
    let shared = Arc::clone(&app);
    let write = move || match &shared.folder {
        Some(folder) if !folder.read_only => Ok(keeping::keep(folder, &made)?),
        _ => Err(Refusal::wrong("no folder is served that may be written into")),
    };
    let name = aside(write).await?;
    app.note(name.clone());
    Ok(in_json(&json!({ "name": name })))
}

fn made(app: &App, desk: &str, number: u64) -> Result<Arc<Made>, Refusal> {
    let made = app.visits.get(desk)?.master(number);
    made.ok_or_else(|| Refusal::not_found("this master was put away; make it again"))
}

//! Songs and catalogues in object stores: S3 and what speaks like it, Google Cloud Storage, Azure.
//!
//! The only part of acetate that opens a connection: to the store whose address was given, and to where its credentials come from, as
//! the variables of the environment say (`AWS_*`, `GOOGLE_*`, `AZURE_*`).

use std::collections::{HashMap, HashSet};
use std::error::Error as StdError;
use std::future::Future;
use std::io::Write;
use std::path::PathBuf;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::Duration;

use acetate_files::temporary_prefix;
use data_encoding::HEXLOWER;
use futures_util::TryStreamExt;
use object_store::aws::AmazonS3Builder;
use object_store::azure::MicrosoftAzureBuilder;
use object_store::gcp::GoogleCloudStorageBuilder;
use object_store::path::Path;
use object_store::{
    ClientOptions, ObjectMeta, ObjectStore, ObjectStoreExt, PutMode, PutOptions, RetryConfig,
};
use sha2::{Digest, Sha256};
use tokio::runtime::{Builder, Runtime};

use super::fetch::Fetched;
use super::folder::LEDGER;
use super::line::Stamp;
use super::store::{Created, Journal, Store};
use crate::Error;
use crate::output::render::Rendered;

/// The longest that one object may take to arrive, from the last byte on that was heard of.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(120);
/// A store that does not answer is not there.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// A store that says 503 is asked again, later each time.
const RETRIES_MAX: usize = 8;
/// And not for longer than this.
const RETRY_TIMEOUT: Duration = Duration::from_secs(60);
/// Lines of one object of a ledger; with each line it is written anew.
const LINES_A_PART: usize = 256;

/// What waits for stores, on two threads of its own.
static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    let mut builder = Builder::new_multi_thread();
    builder.worker_threads(2).enable_all().build().expect("the system gives threads")
});

/// The buckets that were opened, by their addresses.
static BUCKETS: LazyLock<Mutex<HashMap<String, Arc<dyn ObjectStore>>>> =
    LazyLock::new(Mutex::default);

fn wait<T>(work: impl Future<Output = T>) -> T {
    RUNTIME.block_on(work)
}

/// The store at an address, and the rest of that.
fn at(address: &str) -> Result<(Arc<dyn ObjectStore>, Path), Error> {
    let (scheme, rest) = address.split_once("://").unwrap_or((address, ""));
    let (bucket, key) = rest.split_once('/').unwrap_or((rest, ""));
    let root = format!("{scheme}://{bucket}");
    let path = Path::parse(key.trim_end_matches('/')).map_err(|error| refused(address, &error))?;
    let mut buckets = BUCKETS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(store) = buckets.get(&root) {
        return Ok((Arc::clone(store), path));
    }
    let store = open(scheme, &root).map_err(|error| refused(&root, &error))?;
    buckets.insert(root, Arc::clone(&store));
    Ok((store, path))
}

fn open(scheme: &str, root: &str) -> object_store::Result<Arc<dyn ObjectStore>> {
    let retry = RetryConfig {
        max_retries: RETRIES_MAX,
        retry_timeout: RETRY_TIMEOUT,
        ..RetryConfig::default()
    };
    // Without encryption only where the environment asks for it.
    let plain = std::env::var("AWS_ALLOW_HTTP").is_ok_and(|value| value == "true" || value == "1");
    let client = ClientOptions::new()
        .with_timeout(REQUEST_TIMEOUT)
        .with_connect_timeout(CONNECT_TIMEOUT)
        .with_allow_http(plain);
    Ok(match scheme {
        "gs" => Arc::new(
            GoogleCloudStorageBuilder::from_env()
                .with_url(root)
                .with_retry(retry)
                .with_client_options(client)
                .build()?,
        ),
        "az" => Arc::new(
            MicrosoftAzureBuilder::from_env()
                .with_url(root)
                .with_retry(retry)
                .with_client_options(client)
                .build()?,
        ),
        _ => Arc::new(
            AmazonS3Builder::from_env()
                .with_url(root)
                .with_retry(retry)
                .with_client_options(client)
                .build()?,
        ),
    })
}

/// What a store says, with its causes.
fn refused(address: &str, error: &dyn StdError) -> Error {
    let mut reason = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let text = inner.to_string();
        if !reason.contains(&text) {
            reason = format!("{reason}: {text}");
        }
        cause = inner.source();
    }
    if reason.contains("169.254.169.254") || reason.contains("metadata") {
        reason = format!(
            "there are no credentials in the environment, and none from this machine's provider ({reason})"
        );
    }
    Error::Store { address: address.to_owned(), reason }
}

/// Copies an object to a temporary file.
pub(super) fn fetch(address: &str) -> Result<Fetched, Error> {
    let (store, path) = at(address)?;
    let copied = || -> std::io::Result<(tempfile::NamedTempFile, String, Stamp)> {
        let mut file = tempfile::Builder::new().prefix(&temporary_prefix()).tempfile()?;
        let mut hash = Sha256::new();
        let stamp = wait(async {
            let object = store.get(&path).await?;
            let stamp = stamp_of(&object.meta);
            let mut pieces = object.into_stream();
            while let Some(piece) = pieces.try_next().await? {
                hash.update(&piece);
                file.write_all(&piece)?;
            }
            Ok::<Stamp, std::io::Error>(stamp)
        })?;
        Ok((file, HEXLOWER.encode(&hash.finalize()), stamp))
    };
    let (file, sha256, stamp) = copied().map_err(|error| refused(address, &error))?;
    let copy = file.into_temp_path();
    Ok(Fetched { path: copy.to_path_buf(), sha256, stamp, copy: Some(copy) })
}

fn stamp_of(meta: &ObjectMeta) -> Stamp {
    Stamp { bytes: meta.size, modified_ms: None, etag: meta.e_tag.clone() }
}

/// The stamps of all objects right below an address, by their addresses: one listing.
pub(super) fn stamps_in(folder: &str) -> Result<HashMap<String, Stamp>, Error> {
    let (store, path) = at(folder)?;
    let listed = wait(store.list_with_delimiter(Some(&path)));
    let objects = listed.map_err(|error| refused(folder, &error))?.objects;
    let named = objects.iter().filter_map(|meta| Some((meta.location.filename()?, meta)));
    Ok(named.map(|(name, meta)| (format!("{folder}/{name}"), stamp_of(meta))).collect())
}

/// The addresses of all objects below one, in their order.
pub(super) fn listed(address: &str) -> Result<Vec<String>, Error> {
    let (store, path) = at(address)?;
    let names = names_below(&store, &path).map_err(|error| refused(address, &error))?;
    let folder = address.trim_end_matches('/');
    let mut addresses: Vec<String> = names.iter().map(|name| format!("{folder}/{name}")).collect();
    addresses.sort();
    Ok(addresses)
}

/// Names below a path, without it.
fn names_below(store: &Arc<dyn ObjectStore>, path: &Path) -> object_store::Result<HashSet<String>> {
    let all = wait(store.list(Some(path)).try_collect::<Vec<_>>())?;
    let prefix = format!("{path}/");
    let name = |meta: &ObjectMeta| {
        let whole = meta.location.as_ref();
        whole.strip_prefix(&prefix).unwrap_or(whole).to_owned()
    };
    Ok(all.iter().map(name).collect())
}

/// A catalogue below an address.
pub(super) struct Bucket {
    store: Arc<dyn ObjectStore>,
    address: String,
    path: Path,
}

impl Bucket {
    pub(super) fn open(address: &str) -> Result<Self, Error> {
        let (store, path) = at(address)?;
        Ok(Self { store, address: address.trim_end_matches('/').to_owned(), path })
    }

    fn key(&self, name: &str) -> Path {
        name.split('/').fold(self.path.clone(), |path, part| path.join(part))
    }

    fn refused(&self, name: &str, error: &dyn StdError) -> Error {
        refused(&format!("{}/{name}", self.address), error)
    }
}

impl Store for Bucket {
    fn has(&self, name: &str) -> Result<bool, Error> {
        match wait(self.store.head(&self.key(name))) {
            Ok(_) => Ok(true),
            Err(object_store::Error::NotFound { .. }) => Ok(false),
            Err(error) => Err(self.refused(name, &error)),
        }
    }

    fn read(&self, name: &str) -> Result<Option<Vec<u8>>, Error> {
        let key = self.key(name);
        match wait(async { self.store.get(&key).await?.bytes().await }) {
            Ok(bytes) => Ok(Some(bytes.to_vec())),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(self.refused(name, &error)),
        }
    }

    fn list(&self, folder: &str) -> Result<HashSet<String>, Error> {
        let path = if folder.is_empty() { self.path.clone() } else { self.key(folder) };
        let names =
            names_below(&self.store, &path).map_err(|error| self.refused(folder, &error))?;
        if folder.is_empty() {
            let ledger = format!("{LEDGER}/");
            return Ok(names.into_iter().filter(|name| !name.starts_with(&ledger)).collect());
        }
        Ok(names.into_iter().map(|name| format!("{folder}/{name}")).collect())
    }

    fn create(&self, name: &str, bytes: &[u8]) -> Result<Created, Error> {
        let options = PutOptions::from(PutMode::Create);
        match wait(self.store.put_opts(&self.key(name), bytes.to_vec().into(), options)) {
            Ok(_) => Ok(Created::Made),
            Err(object_store::Error::AlreadyExists { .. }) => Ok(Created::Stood),
            Err(error) => Err(self.refused(name, &error)),
        }
    }

    fn publish(&self, name: &str, rendered: Rendered) -> Result<Created, Error> {
        self.create(name, &rendered.into_bytes()?)
    }

    fn place(&self, _: &str) -> Option<PathBuf> {
        None
    }

    fn journal(&self, name: &str) -> Result<Box<dyn Journal>, Error> {
        let address = format!("{}/{name}", self.address);
        let (store, path) = (Arc::clone(&self.store), self.key(name));
        Ok(Box::new(Part { store, path, address, part: 0, lines: Vec::new(), count: 0 }))
    }
}

/// Lines in objects of their own, which grow line by line: nobody else writes to them.
struct Part {
    store: Arc<dyn ObjectStore>,
    path: Path,
    address: String,
    part: usize,
    lines: Vec<u8>,
    count: usize,
}

impl Journal for Part {
    fn add(&mut self, line: &str) -> Result<(), Error> {
        if self.count == LINES_A_PART {
            (self.part, self.count) = (self.part + 1, 0);
            self.lines.clear();
        }
        self.lines.extend_from_slice(line.as_bytes());
        self.lines.push(b'\n');
        self.count += 1;
        let key = Path::from(format!("{}-{:06}.jsonl", self.path, self.part));
        let put = wait(self.store.put(&key, self.lines.clone().into()));
        put.map(|_| ()).map_err(|error| refused(&self.address, &error))
    }
}

//! Lists the files of the page, to be built into the program.
//!
//! With `ACETATE_WASM=1` the WebAssembly goes with them that `web/build` made before: then the page works without its token, too.

use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

/// What a static host needs and a server does not: it is gone when its page is asked for without a network.
const NOT_SERVED: [&str; 1] = ["sw.js"];
/// What `web/build` adds.
const WASM: [&str; 2] = ["acetate_web.js", "acetate_web_bg.wasm"];

fn main() -> Result<(), Box<dyn Error>> {
    let web = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("..").canonicalize()?;
    let page = web.join("page");
    println!("cargo:rerun-if-changed={}", page.display());
    println!("cargo:rerun-if-env-changed=ACETATE_WASM");
    let mut files: Vec<PathBuf> = fs::read_dir(page)?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<_, std::io::Error>>()?;
    files.retain(|path| !NOT_SERVED.iter().any(|name| path.ends_with(name)));
    if env::var_os("ACETATE_WASM").is_some() {
        for name in WASM {
            let path = web.join("dist/web").join(name);
            println!("cargo:rerun-if-changed={}", path.display());
            if !path.exists() {
                return Err(format!("{} is not there: run web/build first", path.display()).into());
            }
            files.push(path);
        }
    }
    files.sort_by(|one, other| one.file_name().cmp(&other.file_name()));
    let out = Path::new(&env::var("OUT_DIR")?).join("files.rs");
    fs::write(out, listed(&files)?)?;
    Ok(())
}

fn listed(files: &[PathBuf]) -> Result<String, std::fmt::Error> {
    let mut text = String::from(
        "/// Every file of the page, by its name.\npub static FILES: &[(&str, &[u8])] = &[\n",
    );
    for path in files {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        writeln!(text, "    ({name:?}, include_bytes!({:?})),", path.display().to_string())?;
    }
    text.push_str("];\n");
    Ok(text)
}

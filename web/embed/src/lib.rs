//! The page in `web/page` as bytes, for the server that is a part of the program.

include!(concat!(env!("OUT_DIR"), "/files.rs"));

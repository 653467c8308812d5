//! The published schemas.

use std::path::Path;

use crate::program::Studio;

const DOCUMENTS: [&str; 9] = [
    "settings",
    "analysis",
    "result",
    "profile",
    "target",
    "system",
    "translation",
    "album",
    "album-plan",
];

/// After a change of a document: `for d in settings analysis result profile target system translation album album-plan; do acetate schema $d >
/// docs/schema/$d.json; done`.
#[test]
fn the_published_schemas_are_those_of_the_types() {
    let studio = Studio::new();
    for name in DOCUMENTS {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("docs/schema/{name}.json"));
        let published = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            studio.run(&["schema", name]).exit(0).text() == published,
            "{} is stale",
            path.display()
        );
    }
}

use super::*;
use acetate_audio::{Audio, Source};
use acetate_references::aim::Lean;

fn profile(name: &str) -> Profile {
    let plane: Vec<f32> = (0..96_000u32).map(|i| (i * 37 % 2000) as f32 / 9e3 - 0.1).collect();
    let source = Source::from_audio(Audio::from_planes(48_000, vec![plane]));
    Profile::from_measured(name, &acetate_analyzer::analyze(&source).unwrap())
}

fn library() -> (tempfile::TempDir, Library) {
    let folder = tempfile::tempdir().unwrap();
    let library = Library::at(folder.path().join("not yet made"));
    (folder, library)
}

#[test]
fn what_was_added_is_listed_and_can_be_removed() {
    let (_folder, library) = library();
    assert_eq!(library.list().unwrap(), Listing::default());
    for name in ["Satellite", "Night Bus"] {
        library.add(&profile(name), IfExists::Refuse).unwrap();
    }
    let ids: Vec<_> =
        library.list().unwrap().profiles.into_iter().map(|profile| profile.id).collect();
    assert_eq!(ids, ["night-bus", "satellite"]);
    library.remove("satellite").unwrap();
    assert_eq!(library.list().unwrap().profiles.len(), 1);
    assert!(matches!(library.profile("satellite"), Err(LibraryError::Unknown { .. })));
}

#[test]
fn of_many_adding_the_same_id_at_once_one_wins_and_nothing_is_mixed() {
    let (_folder, library) = library();
    let mut versions: Vec<Profile> = (0..16).map(|_| profile("same")).collect();
    for (index, version) in versions.iter_mut().enumerate() {
        version.tags = vec![format!("version {index}"); 500];
    }
    let added: Vec<bool> = std::thread::scope(|scope| {
        let adding: Vec<_> = versions
            .iter()
            .map(|version| scope.spawn(|| library.add(version, IfExists::Refuse).is_ok()))
            .collect();
        adding.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let winner = added.iter().position(|&added| added).unwrap();
    assert_eq!(added.iter().filter(|&&added| added).count(), 1);
    assert_eq!(library.profile("same").unwrap().tags, versions[winner].tags);
    assert_eq!(fs::read_dir(library.folder()).unwrap().count(), 1, "no temporary file is left");
}

#[test]
fn different_ids_added_at_once_are_all_there() {
    let (_folder, library) = library();
    std::thread::scope(|scope| {
        for index in 0..32 {
            let library = &library;
            scope.spawn(move || {
                library.add(&profile(&format!("song {index}")), IfExists::Refuse).unwrap()
            });
        }
    });
    let listing = library.list().unwrap();
    assert_eq!((listing.profiles.len(), listing.skipped.len()), (32, 0));
}

#[test]
fn truncated_newer_and_foreign_files_are_named_and_nothing_else_is_lost() {
    let (_folder, library) = library();
    let whole = library.add(&profile("whole"), IfExists::Refuse).unwrap();
    let json = fs::read_to_string(&whole).unwrap();
    let put = |name: &str, text: &str| fs::write(library.folder().join(name), text).unwrap();
    put("cut.profile.json", &json[..json.len() / 3]);
    put("newer.profile.json", &json.replace("profile/1", "profile/9"));
    put("foreign.profile.json", "{\"hello\": [1, 2, 3]}");
    put("empty.profile.json", "");
    put("notes.txt", "not a profile");
    put(".tmpA1b2.profile.json", "a file that is being written");
    let listing = library.list().unwrap();
    assert_eq!(listing.profiles.len(), 1);
    let names: Vec<_> = listing
        .skipped
        .iter()
        .map(|skipped| skipped.path.file_name().unwrap().to_str().unwrap())
        .collect();
    assert_eq!(
        names,
        ["cut.profile.json", "empty.profile.json", "foreign.profile.json", "newer.profile.json"]
    );
    assert!(listing.skipped[3].reason.to_string().contains("acetate.profile/9"));
}

#[test]
fn replacing_is_only_done_when_asked_for() {
    let (_folder, library) = library();
    let mut version = profile("song");
    library.add(&version, IfExists::Refuse).unwrap();
    version.tags.push("second".into());
    assert!(matches!(library.add(&version, IfExists::Refuse), Err(LibraryError::Exists { .. })));
    library.add(&version, IfExists::Replace).unwrap();
    assert_eq!(library.profile("song").unwrap().tags, ["second"]);
}

#[test]
fn a_name_of_a_style_or_a_taste_finds_one_thing() {
    let (_folder, library) = library();
    let named = |id: &str| Style { id: id.to_owned(), ..style("pop").unwrap().clone() };
    let taste = |name: &str| Taste::new(name, "one answer".to_owned(), Lean::default(), None);
    let is_taken = |added: Result<PathBuf, LibraryError>| {
        assert!(matches!(added, Err(LibraryError::Taken { .. })), "{added:?}");
    };
    library.add_taste(&taste("mine"), IfExists::Refuse).unwrap();
    library.add_style(&named("ours"), IfExists::Refuse).unwrap();
    is_taken(library.add_style(&named("mine"), IfExists::Replace));
    is_taken(library.add_taste(&taste("ours"), IfExists::Replace));
    for built_in in ["jazz", "auto"] {
        is_taken(library.add_style(&named(built_in), IfExists::Refuse));
        is_taken(library.add_taste(&taste(built_in), IfExists::Refuse));
    }
    assert_eq!(
        (library.style_ids().unwrap(), library.taste_ids().unwrap()),
        (vec!["ours".to_owned()], vec!["mine".to_owned()])
    );
}

#[test]
fn an_id_cannot_lead_out_of_the_folder() {
    let (_folder, library) = library();
    for id in ["../secret", "a/b", "", "Ä", "C:\\x"] {
        assert!(matches!(library.profile(id), Err(LibraryError::Id { .. })), "{id}");
    }
    let mut odd = profile("x");
    odd.id = "../../x".into();
    assert!(matches!(library.add(&odd, IfExists::Refuse), Err(LibraryError::Id { .. })));
}

#[test]
fn a_slip_in_an_id_is_answered_with_what_is_there() {
    let (_folder, library) = library();
    library.add(&profile("satellite remix"), IfExists::Refuse).unwrap();
    let message = library.profile("satellite").unwrap_err().to_string();
    assert_eq!(message, "\"satellite\" is not in the library; did you mean satellite-remix?");
}

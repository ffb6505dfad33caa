//! Trees: golden digests of REAPI, hostile messages, and folders there and back.
#![allow(clippy::unwrap_used, reason = "a test")]

use std::fs::Permissions;
use std::os::unix::fs::{PermissionsExt as _, symlink};

use cas::{Digest, Error, Memory, Store, TreeBuilder, TreeEntry, TreeNode, capture, materialise, read_tree};
use proptest::prelude::*;

#[test]
fn digests_are_those_of_reapi() {
    assert_eq!(TreeBuilder::new().finish().root(), Digest::of(b""));
    // Computed by hand from the field numbers, outside of this code.
    let mut one = TreeBuilder::new();
    one.file("hello", Digest::of(b"hello\n"), true).unwrap();
    let one = one.finish();
    assert_eq!(
        one.root().to_string(),
        "f769da20c64d6807eb1b563c71b0532000f07c9d2b34f7dba49d65e3a37d5a7f/81"
    );
    let mut two = TreeBuilder::new();
    two.symlink("l", "sub/hello").unwrap();
    two.file("sub/hello", Digest::of(b"hello\n"), true).unwrap();
    let two = two.finish();
    assert_eq!(
        two.root().to_string(),
        "d4afb4ef27532446f034db3eb095aa6e1ee89c082940d3748463999affb9447c/93"
    );
    assert_eq!(two.messages().len(), 2);
    assert!(two.messages().contains_key(&one.root()));
}

#[test]
fn the_order_of_adding_does_not_matter() {
    let paths = ["b", "a/b", "a-b", "a/a", "c/d/e"];
    let build = |paths: &mut dyn Iterator<Item = &&str>| {
        let mut builder = TreeBuilder::new();
        paths.for_each(|path| builder.file(path, Digest::of(path.as_bytes()), false).unwrap());
        builder.finish()
    };
    assert_eq!(build(&mut paths.iter()), build(&mut paths.iter().rev()));
}

#[test]
fn no_place_is_taken_twice() {
    let digest = Digest::of(b"");
    let mut builder = TreeBuilder::new();
    builder.file("a", digest, false).unwrap();
    builder.file("d/f", digest, false).unwrap();
    builder.directory("d").unwrap();
    let duplicate = |result: Result<(), Error>| matches!(result, Err(Error::DuplicatePath(_)));
    assert!(duplicate(builder.file("a", digest, true)));
    assert!(duplicate(builder.symlink("a", "d")));
    assert!(duplicate(builder.directory("a")));
    assert!(duplicate(builder.file("a/b", digest, true)));
    assert!(duplicate(builder.file("d", digest, true)));
    assert!(duplicate(builder.replace_file("d", digest, true)));
    let before = builder;
    let mut builder = TreeBuilder::new();
    builder.file("a", digest, false).unwrap();
    builder.replace_file("a", digest, true).unwrap();
    builder.file("d/f", digest, false).unwrap();
    assert_ne!(before.finish().root(), builder.finish().root());
}

#[test]
fn unsafe_paths_are_refused() {
    let deep = vec!["a"; 257].join("/");
    let long = "a".repeat(256);
    let paths = [
        "", "/", "/a", "a/", "a//b", ".", "..", "./a", "a/.", "a/../b", "a\\b", "a\0", &deep, &long,
    ];
    for path in paths {
        let mut builder = TreeBuilder::new();
        let refused = |result: Result<(), Error>| matches!(result, Err(Error::UnsafePath(_)));
        assert!(refused(builder.file(path, Digest::of(b""), false)), "{path:?}");
        assert!(
            refused(builder.replace_file(path, Digest::of(b""), false)),
            "{path:?}"
        );
        assert!(refused(builder.symlink(path, "a")), "{path:?}");
        assert!(refused(builder.directory(path)), "{path:?}");
    }
    let mut builder = TreeBuilder::new();
    for points_to in [
        "",
        "/etc",
        "..",
        "../../a",
        "a/../../..",
        "b/../c",
        "a//b",
        "./a",
        "\\a",
    ] {
        assert!(builder.symlink("link", points_to).is_err(), "{points_to:?}");
    }
    builder.symlink("d/link", "../a").unwrap();
    builder.symlink("d/up", "..").unwrap();
    builder.symlink("here", ".").unwrap();
}

fn leaf(path: &str, node: TreeNode) -> TreeEntry {
    TreeEntry {
        path: path.to_owned(),
        node,
    }
}

#[test]
fn a_folder_comes_back_as_it_was() {
    let scratch = tempfile::tempdir().unwrap();
    let (from, to) = (scratch.path().join("from"), scratch.path().join("to"));
    std::fs::create_dir_all(from.join("d/empty")).unwrap();
    std::fs::write(from.join("d/tool"), b"run").unwrap();
    std::fs::set_permissions(from.join("d/tool"), Permissions::from_mode(0o700)).unwrap();
    std::fs::write(from.join("text"), vec![7; 100_000]).unwrap();
    symlink("../text", from.join("d/link")).unwrap();
    let store = Memory::new();
    let tree = capture(&store, &from).unwrap();
    let entries = read_tree(&store, tree.root()).unwrap().unwrap();
    let expected = [
        leaf("d/empty", TreeNode::Directory),
        leaf(
            "d/link",
            TreeNode::Symlink {
                points_to: "../text".to_owned(),
            },
        ),
        leaf(
            "d/tool",
            TreeNode::File {
                digest: Digest::of(b"run"),
                executable: true,
            },
        ),
        leaf(
            "text",
            TreeNode::File {
                digest: Digest::of(&[7; 100_000]),
                executable: false,
            },
        ),
    ];
    assert_eq!(entries, expected);
    for _ in 0..2 {
        assert!(materialise(&store, tree.root(), &to).unwrap());
        assert_eq!(capture(&Memory::new(), &to).unwrap(), tree);
    }
}

#[test]
fn an_absent_blob_is_an_answer() {
    let scratch = tempfile::tempdir().unwrap();
    let store = Memory::new();
    let mut builder = TreeBuilder::new();
    builder.file("d/f", Digest::of(b"absent"), false).unwrap();
    let tree = builder.finish();
    assert_eq!(read_tree(&store, tree.root()).unwrap(), None);
    assert!(!materialise(&store, tree.root(), &scratch.path().join("to")).unwrap());
    store.put(&tree.messages()[&tree.root()]).unwrap();
    assert_eq!(read_tree(&store, tree.root()).unwrap(), None);
    tree.store(&store).unwrap();
    assert!(read_tree(&store, tree.root()).unwrap().is_some());
    assert!(!materialise(&store, tree.root(), &scratch.path().join("to")).unwrap());
}

#[test]
fn a_link_in_the_way_is_not_followed() {
    let scratch = tempfile::tempdir().unwrap();
    let (to, outside) = (scratch.path().join("to"), scratch.path().join("outside"));
    std::fs::create_dir(&to).unwrap();
    std::fs::create_dir(&outside).unwrap();
    std::fs::write(outside.join("f"), b"precious").unwrap();
    symlink(&outside, to.join("d")).unwrap();
    symlink(outside.join("f"), to.join("g")).unwrap();
    let store = Memory::new();
    let digest = store.put(b"new").unwrap();
    let mut builder = TreeBuilder::new();
    builder.file("d/f", digest, false).unwrap();
    builder.file("g", digest, false).unwrap();
    let tree = builder.finish();
    tree.store(&store).unwrap();
    assert!(materialise(&store, tree.root(), &to).unwrap());
    assert_eq!(std::fs::read(outside.join("f")).unwrap(), b"precious");
    assert_eq!(std::fs::read(to.join("d/f")).unwrap(), b"new");
    assert_eq!(std::fs::read(to.join("g")).unwrap(), b"new");
}

#[test]
fn a_link_out_of_the_folder_is_not_captured() {
    let scratch = tempfile::tempdir().unwrap();
    for points_to in ["/etc/passwd", "../secret", "d/../../secret"] {
        let link = scratch.path().join("link");
        symlink(points_to, &link).unwrap();
        let refused = capture(&Memory::new(), scratch.path()).unwrap_err();
        assert!(matches!(refused, Error::UnsafePath(_)), "{refused}");
        std::fs::remove_file(link).unwrap();
    }
}

/// A length-delimited field.
fn field(number: u8, bytes: &[u8]) -> Vec<u8> {
    assert!(bytes.len() < 128 * 128);
    let mut field = vec![number << 3 | 2];
    if bytes.len() >= 128 {
        field.push(u8::try_from(bytes.len() & 127).unwrap() | 128);
        field.push(u8::try_from(bytes.len() >> 7).unwrap());
    } else {
        field.push(u8::try_from(bytes.len()).unwrap());
    }
    field.extend_from_slice(bytes);
    field
}

fn digest_field(digest: &Digest) -> Vec<u8> {
    let mut message = field(1, digest.hex().as_bytes());
    let (mut size, mut rest) = (vec![0x10], digest.size());
    while rest >= 128 {
        size.push(u8::try_from(rest & 127).unwrap() | 128);
        rest >>= 7;
    }
    size.push(u8::try_from(rest).unwrap());
    message.extend(size);
    field(2, &message)
}

#[test]
fn hostile_messages_are_refused() {
    let store = Memory::new();
    let blob = store.put(b"blob").unwrap();
    let file = |name: &str| field(1, &[field(1, name.as_bytes()), digest_field(&blob)].concat());
    let link =
        |name: &str, to: &str| field(3, &[field(1, name.as_bytes()), field(2, to.as_bytes())].concat());
    let hostile = [
        file("../up"),
        file(".."),
        file(""),
        file("a/b"),
        file("a\0"),
        [file("b"), file("a")].concat(),
        [file("a"), file("a")].concat(),
        [file("a"), link("a", "b")].concat(),
        link("a", "/etc/passwd"),
        link("a", ".."),
        field(1, &field(1, b"no digest")),
        field(1, &[field(1, b"a"), field(2, &field(1, b"ABC"))].concat()),
        vec![0xff; 20],
    ];
    for message in hostile {
        let root = store.put(&message).unwrap();
        let refused = read_tree(&store, root).unwrap_err();
        assert!(matches!(refused, Error::MalformedTree(_)), "{refused}");
    }
}

#[test]
fn a_small_message_cannot_name_endless_entries() {
    let store = Memory::new();
    let mut inner = store.put(b"").unwrap();
    for _ in 0..64 {
        let message: Vec<u8> = ["a", "b"]
            .iter()
            .flat_map(|name| field(2, &[field(1, name.as_bytes()), digest_field(&inner)].concat()))
            .collect();
        inner = store.put(&message).unwrap();
    }
    assert!(matches!(
        read_tree(&store, inner).unwrap_err(),
        Error::MalformedTree(_)
    ));
    let mut chain = store.put(b"").unwrap();
    for _ in 0..10_000 {
        let message = field(2, &[field(1, b"a"), digest_field(&chain)].concat());
        chain = store.put(&message).unwrap();
    }
    assert!(matches!(
        read_tree(&store, chain).unwrap_err(),
        Error::MalformedTree(_)
    ));
}

proptest! {
    #[test]
    fn any_path_is_refused_or_stays_inside(path in r"(\.\.|\.|/|\\|a|b|\PC){0,8}") {
        let mut builder = TreeBuilder::new();
        let plain = std::path::Path::new(&path)
            .components()
            .all(|part| matches!(part, std::path::Component::Normal(_)));
        if builder.file(&path, Digest::of(b""), false).is_ok() {
            prop_assert!(plain && !path.contains('\\') && !path.is_empty());
        }
    }

    #[test]
    fn any_link_is_refused_or_stays_inside(depth in 0..4_usize, to in r"((\.\.|\.|a|b)/){0,6}(\.\.|a|\.)") {
        let path = "d/".repeat(depth) + "link";
        let mut builder = TreeBuilder::new();
        if builder.symlink(&path, &to).is_ok() {
            let mut height = depth;
            for part in to.split('/') {
                match part {
                    ".." => height = height.checked_sub(1).expect("a link that leaves the tree"),
                    "." => {}
                    _ => height += 1,
                }
            }
        }
    }

    #[test]
    fn any_tree_reads_back(paths in prop::collection::btree_set("([a-c]/){0,3}[a-c]{1,2}", 0..20)) {
        let store = Memory::new();
        let mut builder = TreeBuilder::new();
        let mut expected = Vec::new();
        for (item, path) in paths.iter().enumerate() {
            let digest = Digest::of(path.as_bytes());
            if builder.file(path, digest, item % 2 == 0).is_ok() {
                expected.push(leaf(path, TreeNode::File { digest, executable: item % 2 == 0 }));
            }
        }
        let tree = builder.finish();
        tree.store(&store).unwrap();
        prop_assert_eq!(read_tree(&store, tree.root()).unwrap().unwrap(), expected);
    }

    #[test]
    fn any_bytes_are_a_tree_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let store = Memory::new();
        let root = store.put(&bytes).unwrap();
        drop(read_tree(&store, root));
    }
}

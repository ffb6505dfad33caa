//! Locks between processes: held by one, released by the system when that one dies.

use std::process::{Command, Stdio};

use engine::{Error, Lock};

#[test]
fn a_lock_dies_with_its_holder() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("lock");
    let text = format!(
        "exec 9>{0}; flock -n 9 && echo child >{0}; echo ready; exec sleep 1000",
        path.display()
    );
    let child = Command::new("sh")
        .args(["-c", &text])
        .stdout(Stdio::piped())
        .spawn();
    let mut child = child.expect("there is a shell");
    let mut ready = [0; 5];
    std::io::Read::read_exact(child.stdout.as_mut().expect("piped"), &mut ready).expect("it says so");
    match Lock::acquire(&path, "parent") {
        Err(Error::Locked { holder, .. }) => assert_eq!(holder, "child"),
        other => panic!("the child holds it: {other:?}"),
    }
    child.kill().expect("it can be killed");
    child.wait().expect("it ends");
    Lock::acquire(&path, "parent").expect("the system released it");
}

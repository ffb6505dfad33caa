//! Every function of the specification's section 8 is there, with every parameter.

use crate::support::evaluated;

/// Every function of the specification's section 8, and every one of its parameters.
const SECTION_8: &str = r#"
uv_workspace(name, root, members, exclude)
cargo_workspace(name, root, members)
pnpm_workspace(name, root, packages)
npm_workspace(name, root, packages)
bazel_workspace(name, root, packages)
uv_package(name, group, skip, cross_deps, pin_strategy, platforms, bump_files, build_backend)
cargo_package(name, group, skip, cross_deps)
pnpm_package(name, group, skip, cross_deps)
npm_package(name, group, skip, cross_deps)
bazel_package(name, group, skip, cross_deps)
release_group(name, packages, pin_strategy, smoke_test, versioning)
release_train(name, groups, jobs, pin_strategy, smoke_test_delay, max_retries, retry_backoff, lock_timeout, publish_rate, channel, prerelease_token, versioning, interactive, create_release, release_draft, release_artifacts, release_notes, tag_format, dashboard, dashboard_port, ai_resolve, ai_model, reports, report_dir, report_title, telemetry, telemetry_labels, commit_back, commit_back_branch, commit_back_message, approval, approval_timeout, approval_reviewers, nightly_channel, nightly_tag, nightly_version, version_strategy, plans_dir, signing, sbom)
federation(name, git, ref, path, backend, groups)
vcs(name)
forge(name)
hook(name, events, handler)
middleware(name, priority, wrap_build, wrap_publish)
action(name, inputs, outputs, command, timeout)
signer(name, key_id)
sbom(formats)
announce(channel, webhook, template, token, instance)
distribute(target, tap, formula, feedstock, dependencies)
telemetry_sink(name, type, endpoint, url, path, host, port, prefix, headers, batch_size, flush_interval, tags, protocol)
report(formats)
branch_channel(branch, channel, prerelease)
bump_file(path, pattern)
platform_matrix(os, arch, python, exclude)
config(mode)
"#;

/// A value that fits a parameter.
fn fitting(function: &str, parameter: &str) -> &'static str {
    match (function, parameter) {
        ("action", "command") => "[\"make\"]",
        ("middleware", "priority") => "3",
        ("release_train", "sbom") => "[\"x\"]",
        (
            _,
            "members" | "exclude" | "packages" | "groups" | "cross_deps" | "events" | "inputs" | "outputs",
        ) => "[]",
        (
            _,
            "formats" | "dependencies" | "platforms" | "bump_files" | "reports" | "telemetry" | "os" | "arch",
        ) => "[]",
        (_, "python" | "approval_reviewers" | "signing") => "[]",
        (_, "telemetry_labels" | "headers" | "tags") => "{\"a\": \"b\"}",
        (
            _,
            "jobs" | "smoke_test_delay" | "max_retries" | "lock_timeout" | "publish_rate" | "dashboard_port",
        ) => "3",
        (_, "approval_timeout" | "timeout" | "port" | "batch_size" | "flush_interval") => "3",
        (
            _,
            "skip" | "smoke_test" | "interactive" | "create_release" | "release_draft" | "release_artifacts",
        ) => "True",
        (_, "dashboard" | "ai_resolve" | "prerelease") => "True",
        (_, "handler" | "wrap_build" | "wrap_publish") => "lambda event: None",
        _ => "\"x\"",
    }
}

#[test]
fn every_function_of_the_specification_takes_every_parameter() {
    let mut text = String::new();
    for ecosystem in ["uv", "cargo", "pnpm", "npm", "bazel"] {
        text += &format!(
            "load(\"@releasekit//rules/{ecosystem}.star\", \"{ecosystem}_package\", \"{ecosystem}_workspace\")\n"
        );
    }
    text += "load(\"@releasekit//rules/train.star\", \"release_group\", \"release_train\")\n";
    let mut expected = Vec::new();
    for signature in SECTION_8.trim().lines() {
        let (function, parameters) = signature
            .trim_end_matches(')')
            .split_once('(')
            .expect("a signature");
        let parameters: Vec<&str> = parameters.split(", ").collect();
        let arguments = parameters
            .iter()
            .map(|name| format!("{name} = {}", fitting(function, name)));
        text += &format!("{function}({})\n", arguments.collect::<Vec<_>>().join(", "));
        expected.push((function, parameters));
    }
    let evaluation = evaluated(&[("RELEASE.star", &text)]);
    assert_eq!(evaluation.diagnostics, []);
    assert_eq!(evaluation.declarations.len(), expected.len());
    for (declaration, (function, parameters)) in evaluation.declarations.iter().zip(expected) {
        assert_eq!(declaration.function, function);
        for parameter in parameters {
            let noted = declaration.attributes.iter().any(|(name, _)| name == parameter);
            assert!(noted, "`{parameter}` of `{function}` is lost");
        }
    }
}

#[test]
fn bundled_rules_note_what_they_take_under_its_name() {
    for (file, text) in [
        ("uv", include_str!("../../uv.star")),
        ("cargo", include_str!("../../cargo.star")),
        ("pnpm", include_str!("../../pnpm.star")),
        ("npm", include_str!("../../npm.star")),
        ("bazel", include_str!("../../bazel.star")),
        ("train", include_str!("../../train.star")),
        ("federation", include_str!("../../federation.star")),
        ("prelude", include_str!("../../private/prelude.star")),
    ] {
        for definition in text
            .split("\ndef ")
            .skip(1)
            .filter(|definition| definition.contains("native.declare("))
        {
            let name = definition.split('(').next().expect("a name");
            let (signature, body) = definition.split_once("\"\"\"").expect("a docstring");
            let call = body
                .split_once("native.declare(")
                .expect("a call")
                .1
                .split("\n    return")
                .next()
                .expect("a call");
            assert!(
                call.trim_start().starts_with(&format!("\"{name}\"")),
                "{file}: {name}"
            );
            let parameters = |text: &str, mark: &str| -> Vec<String> {
                let parts = text
                    .split([',', '(', '\n'])
                    .filter_map(|part| part.split_once(mark));
                parts
                    .map(|(name, _)| name.trim().to_owned())
                    .filter(|name| !name.is_empty() && !name.contains([' ', '"']))
                    .collect()
            };
            let taken = parameters(signature.split_once('(').expect("parameters").1, ":");
            assert_eq!(taken, parameters(call, " = "), "{file}: {name}");
            for parameter in &taken {
                assert!(
                    body.contains(&format!("        {parameter}: ")),
                    "{file}: `{parameter}` of {name} has no docs"
                );
            }
        }
    }
}

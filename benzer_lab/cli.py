"""The `benzer` command."""

import json
import os
import platform
import sys
from importlib import import_module
from pathlib import Path
from typing import Any, get_args

import click

import benzer_lab as bl
from benzer_lab import _engine
from benzer_lab._checks import one_of
from benzer_lab._disk import replacing
from benzer_lab._display import save_csv
from benzer_lab._verdicts import KINDS as RELATIONS
from benzer_lab._verdicts import Relation
from benzer_lab.errors import BenzerError, InputError, MissingExtraError
from benzer_lab.groups import DEFAULT, Method
from benzer_lab.index import Kind
from benzer_lab.layout import Method as MapMethod
from benzer_lab.location import SETTINGS, remember
from benzer_lab.repeats import KINDS, SCALES
from benzer_lab.sample import TRUTH
from benzer_lab.timings import QUESTIONS

ARCHIVE = click.argument("folder", type=click.Path(path_type=Path), envvar="BENZER_ARCHIVE", default="image_features")
IN_ARCHIVE = click.option(
    "--archive", "folder", type=click.Path(path_type=Path), envvar="BENZER_ARCHIVE", default="image_features", help="The archive."
)
IMAGES = click.option("--images", help="Where the images lie: a folder or an fsspec URL.", envvar="BENZER_IMAGES")
GO_ON = ("demo", "extract", "repeats", "regions", "duplicates")  # commands that take up what they left
AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON, for a program to read.")


class Told(click.Group):
    """Turns what the library refuses into one sentence on stderr: status 2 for wrong usage, 1 for what failed."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command."""
        try:
            return super().invoke(ctx)
        except (InputError, MissingExtraError) as error:
            click.echo(f"benzer: {error}", err=True)
            ctx.exit(2)
        except BenzerError as error:
            click.echo(f"benzer: {error}", err=True)
            ctx.exit(1)
        except KeyboardInterrupt:
            goes_on = "; the same command goes on where it was" if ctx.invoked_subcommand in GO_ON else ""
            click.echo(f"benzer: stopped{goes_on}.", err=True)
            ctx.exit(1)


@click.group(cls=Told, context_settings={"help_option_names": ["-h", "--help"], "show_default": True})
@click.version_option(bl.__version__, prog_name="benzer")
@click.option("--import", "modules", multiple=True, help="A Python module to import first, such as one that calls bl.register_model.")
def main(modules: tuple[str, ...]) -> None:
    """Find the textile designs that look like a given one, by color, by pattern or any mix."""
    if modules:
        sys.path.insert(0, str(Path.cwd()))  # as `python -m` does
    for module in modules:
        try:
            import_module(module)
        except ModuleNotFoundError as error:
            raise InputError(f"--import must name a module that Python finds here; {module!r}: {error}.") from error


@main.command()
@ARCHIVE
@click.option("--designs", default=480, help="How many designs, in 4 colorways each.")
@click.option("--seed", default=0, help="Another seed draws other designs.")
@AS_JSON
def demo(folder: Path, designs: int, seed: int, as_json: bool) -> None:
    """Draw the sample archive into FOLDER and extract its features."""
    if (folder / TRUTH).exists():  # the last that is drawn
        click.echo(f"benzer: the designs of {folder} are drawn already and stay as they are.", err=True)
    else:
        bl.draw_archive(folder, n_designs=designs, random_state=seed, progress=not as_json)
    archive = bl.Archive.open(folder)
    extracted = archive.extract(progress=not as_json)
    found = _find_repeats(archive, None, as_json)
    facts = {"folder": str(folder), "versions": extracted.versions, "computed": extracted.n_computed, **_counted(found)}
    _say(f"{extracted}\n{_told(found)}", facts, as_json)


@main.command()
@ARCHIVE
@IMAGES
@click.option("--metadata", type=click.Path(path_type=Path), help="The metadata file, if it lies elsewhere than in FOLDER or beside it.")
@click.option("--model", "models", multiple=True, default=("color", "pattern"), help="What to bring up to date; may be repeated.")
@click.option("--recipe", help="How, such as pattern-1; else that of the current version.")
@click.option("--processes", type=int, help="How many work at a time; all cores by default.")
@click.option("--device", default="auto", help="Where the network runs: auto, cpu, cuda:0...")
@click.option("--repeats/--no-repeats", default=True, help="Find the repeats of new images, too, as `benzer repeats` does.")
@click.option("--regions", is_flag=True, help="Describe new images place by place, too, as `benzer regions` does.")
@AS_JSON
def extract(  # noqa: PLR0913  (its options)
    folder: Path,
    images: str | None,
    metadata: Path | None,
    models: tuple[str, ...],
    recipe: str | None,
    processes: int | None,
    device: str,
    repeats: bool,
    regions: bool,
    as_json: bool,
) -> None:
    """Compute the features that are missing in FOLDER, and publish them. Stopped, it goes on where it was."""
    if images and not _is_archive(folder):
        archive = bl.Archive.create(folder, images=images, metadata=metadata)
    else:
        archive = bl.Archive.open(folder, images=images, metadata=metadata)
        if (images or metadata) and (folder / SETTINGS).exists():  # a folder of the existing system stays as it is
            remember(folder, images=images, metadata=metadata)
    done = archive.extract(models, recipe=recipe, processes=processes, device=device, progress=not as_json)
    facts = {
        "versions": done.versions,
        "published": done.published,
        "current": {model: archive.features(model).version for model in done.versions},
        "computed": done.n_computed,
        "kept": done.n_kept,
        "removed": done.n_removed,
        "failed": done.failures,
        "report": str(done.report),
    }
    said = [str(done)]
    if repeats:
        found = _find_repeats(archive, processes, as_json)
        said, facts = [*said, _told(found)], facts | _counted(found)
    if regions:
        described = _index_regions(archive, processes, as_json)
        said, facts = [*said, _told_regions(described)], facts | _counted_regions(described)
    _say("\n".join(said), facts, as_json)
    if done.failures and not as_json:
        click.echo(f"The reasons of {len(done.failures):,} failures are in {done.report}.")


def _is_archive(folder: Path) -> bool:
    """Tell whether a folder remembers where its images lie, or has features."""
    return folder.is_dir() and ((folder / SETTINGS).exists() or bool(bl.Archive.locate(folder).models))


@main.command()
@ARCHIVE
@IMAGES
@click.option("--model", help="Which model; the default one where it is left out.")
@click.option("--version", help="Which version of it; the current one where it is left out.")
@click.option("-k", "--clusters", "n_clusters", type=int, help="How many clusters; chosen where it is left out.")
@click.option("--method", type=click.Choice(get_args(Method)), default="kmeans", show_default=True, help="How they are found.")
@click.option("--name", default=DEFAULT, show_default=True, help="Under which they are kept; hits and filters speak of 'default'.")
@click.option("--csv", "csv_path", type=click.Path(path_type=Path), help="Write the cluster of each image here, too.")
@AS_JSON
def cluster(  # noqa: PLR0913  (its options are those of Archive.cluster)
    folder: Path,
    images: str | None,
    model: str | None,
    version: str | None,
    n_clusters: int | None,
    method: Method,
    name: str,
    csv_path: Path | None,
    as_json: bool,
) -> None:
    """Group the designs of FOLDER by what they look like, and name the groups."""
    archive = bl.Archive.open(folder, images=images)
    groups = archive.cluster(model, n_clusters or "auto", version=version, method=method, name=name, progress=not as_json)
    if csv_path:
        save_csv(groups.to_frame(), csv_path)
    told = "\n".join(f"{one.label:>4} {one.n:>8,}  {one.names['en']}" for one in groups.clusters)
    facts = {name: getattr(groups, name) for name in ("model", "version", "method", "metric", "reasons")}
    _say(told or repr(groups), facts | {"clusters": groups.summary().to_dict("records")}, as_json)


@main.command()
@ARCHIVE
@IMAGES
@click.option("--processes", type=int, help="How many work at a time; all cores by default.")
@click.option("--csv", "csv_path", type=click.Path(path_type=Path), help="Write what was found of each image here, too.")
@AS_JSON
def repeats(folder: Path, images: str | None, processes: int | None, csv_path: Path | None, as_json: bool) -> None:
    """Find the repeat unit of new and changed images of FOLDER, to filter by. Stopped, it goes on where it was."""
    found = _find_repeats(bl.Archive.locate(folder, images=images), processes, as_json)
    if csv_path:
        save_csv(found, csv_path)
    _say(_told(found), _counted(found), as_json)


def _find_repeats(archive: bl.Archive, processes: int | None, as_json: bool) -> Any:
    """Find the repeats of an archive, and say on stderr that this is what takes its time now."""
    if not as_json:
        click.echo("benzer: finding the repeats.", err=True)
    return archive.find_repeats(processes=processes, progress=not as_json)


@main.command()
@ARCHIVE
@IMAGES
@click.option("--processes", type=int, help="How many work at a time; all cores by default.")
@AS_JSON
def regions(folder: Path, images: str | None, processes: int | None, as_json: bool) -> None:
    """Describe new and changed images of FOLDER place by place, to look for a part of a design. Stopped, it goes on where it was."""
    described = _index_regions(bl.Archive.locate(folder, images=images), processes, as_json)
    _say(_told_regions(described), _counted_regions(described), as_json)


def _index_regions(archive: bl.Archive, processes: int | None, as_json: bool) -> Any:
    """Describe the images of an archive, and say on stderr that this is what takes its time now."""
    if not as_json:
        click.echo("benzer: describing the images place by place.", err=True)
    return archive.index_regions(processes=processes, progress=not as_json)


def _counted_regions(described: Any) -> dict[str, Any]:
    """Return how many images are described, and why some could not be read."""
    failed = described[described["reason"].notna()]
    return {"described": len(described) - len(failed), "unread": dict(zip(failed["filename"], failed["reason"], strict=True))}


def _told_regions(described: Any) -> str:
    """Return in a sentence how many images are described."""
    facts = _counted_regions(described)
    lines = [f"regions of {facts['described']:,} images"]
    if facts["unread"]:
        name, reason = next(iter(facts["unread"].items()))
        lines.append(f"{len(facts['unread']):,} could not be read, first {name!r}: {reason}")
    return "\n".join(lines)


def _counted(found: Any) -> dict[str, Any]:
    """Return how many images have which repeat and scale, and why some could not be read."""
    counts = {field: found[field].value_counts().to_dict() for field in ("repeat", "scale")}
    failed = found[found["repeat"].isna()]
    return {
        "repeats": {kind: counts["repeat"].get(kind, 0) for kind in KINDS},
        "scales": {scale: counts["scale"].get(scale, 0) for scale in SCALES},
        "unread": dict(zip(failed["filename"], failed["reason"], strict=True)),
    }


def _told(found: Any) -> str:
    """Return the same for a person."""
    facts = _counted(found)
    several = [", ".join(f"{n:,} {name}" for name, n in facts[what].items() if n) for what in ("repeats", "scales")]
    lines = [f"repeats of {len(found):,} images: {'; '.join(filter(None, several))}"]
    if facts["unread"]:
        lines.append(f"{len(facts['unread']):,} could not be read; benzer repeats --csv names them with the reasons.")
    return "\n".join(lines)


@main.command()
@ARCHIVE
@click.option("--model", help="color, pattern, color+pattern...; all that searches would be sooner by, if left out.")
@click.option("--version", help="v1, v2...; current if left out.")
@click.option("--kind", type=click.Choice(get_args(Kind)), default="auto", help="What to build; chosen by size and recall if left out.")
@click.option("--recall", default=0.99, help="What part of the true look-alikes an index that is not exact must find.")
@AS_JSON
def index(folder: Path, model: str | None, version: str | None, kind: Kind, recall: float, as_json: bool) -> None:
    """Build what makes searches of FOLDER quick, and keep it there; extract and serve do so by themselves."""
    archive = bl.Archive.open(folder)
    if model is None and version is None and kind == "auto":
        built = archive.build_indexes(progress=not as_json)
    else:
        model = model or archive.default_model
        built = {model: archive.index(model, version, kind=kind, recall=recall, progress=not as_json)}
    text = "\n".join(f"{name}: {one.plan}" for name, one in built.items()) or f"{folder}: nothing to build."
    _say(text, {name: {"kind": one.kind, "recall": one.recall_, "plan": one.plan} for name, one in built.items()}, as_json)


@main.command()
@ARCHIVE
@click.option("--model", help="color, pattern, color+pattern...; the archive's default if left out.")
@click.option("--version", help="v1, v2...; current if left out.")
@click.option(
    "--method", type=click.Choice(get_args(MapMethod)), default="umap", help="densmap keeps dense places dense; pca is quick, rough."
)
@click.option("--name", help="Under which the map is kept; the method's if left out.")
@click.option("--neighbors", "n_neighbors", default=15, help="Of each design, itself among them: few show detail, many the whole.")
@click.option("--seed", "random_state", default=0, help="Another seed draws another map.")
@click.option("--csv", "csv_path", type=click.Path(path_type=Path), help="Write where each design lies here, too.")
@AS_JSON
def layout(folder: Path, model: str | None, csv_path: Path | None, as_json: bool, **options: Any) -> None:
    """Lay the designs of FOLDER out as a map on which those that look alike lie together, and keep it there."""
    found = bl.Archive.open(folder).layout(model, progress=not as_json, **options)
    if csv_path:
        save_csv(found.to_frame(), csv_path)
    trust = found.trustworthiness and {"value": found.trustworthiness.value, "error": found.trustworthiness.error}
    facts = {"model": found.model, "version": found.version, "name": found.name, "designs": len(found), "placed": found.n_placed}
    _say(found, facts | {"options": dict(found.options), "trustworthiness": trust}, as_json)


@main.command()
@click.argument("query")
@IN_ARCHIVE
@IMAGES
@click.option("--image", is_flag=True, help="QUERY is an image file on this disk, not a name in the archive.")
@click.option("--region", "regions", multiple=True, help="A part of it: left,top,right,bottom in pixels; may be repeated.")
@click.option("--model", help="color, pattern, color+pattern...; the archive's default if left out.")
@click.option("--version", help="v1, v2...; current if left out.")
@click.option("--top", default=10, help="How many hits at most.")
@click.option("--metric", help="cosine or l2; the model's own if left out.")
@click.option("--filter", "filters", help='Conditions as JSON: \'{"season": ["SS24"]}\'.')
@click.option("--color-weight", type=float, help="For color+pattern: 0 pattern only .. 1 color only; 0.1 if left out.")
@click.option("--min-similarity", default=0.0, help="Cut off below this.")
@click.option("--one-per-design", is_flag=True, help="Only the best image of each design.")
@click.option("--csv", "csv_path", type=click.Path(path_type=Path), help="Write the hits here, too.")
@AS_JSON
def find(
    query: str,
    folder: Path,
    images: str | None,
    image: bool,
    regions: tuple[str, ...],
    csv_path: Path | None,
    as_json: bool,
    **options: Any,
) -> None:
    """Find the designs that look like QUERY, or that show a part of it."""
    try:
        options["filters"] = json.loads(options["filters"] or "{}")
    except json.JSONDecodeError as error:
        raise InputError(f'find: --filter must be JSON, like \'{{"season": ["SS24"]}}\'; {error}.') from error
    group_by = "design" if options.pop("one_per_design") else None
    region = [_box(text) for text in regions] or None
    archive = bl.Archive.open(folder, images=images)
    hits = archive.find_similar(Path(query) if image else query, region=region, top_n=options.pop("top"), group_by=group_by, **options)
    if csv_path:
        hits.to_csv(csv_path)
    lines = [
        f"{rank:>4}  {row['similarity']:.3f}  {row['filename']}  {row['design'] or ''}  {row['season'] or ''}"
        + (f"  {row['box']}" if region else "")
        for rank, row in enumerate(hits.to_records(), 1)
    ]
    _say("\n".join([repr(hits), *lines]), hits.to_records(), as_json)


@main.command()
@ARCHIVE
@IMAGES
@click.option("--kind", "kinds", multiple=True, type=click.Choice(RELATIONS), help="Only groups of this kind; may be repeated.")
@click.option("--neighbors", default=24, help="How many of each image are compared with it, the nearest by pattern.")
@click.option("--processes", type=int, help="How many work at a time; all cores by default.")
@click.option("--csv", "csv_path", type=click.Path(path_type=Path), help="Write the groups here, too: a row an image.")
@AS_JSON
def duplicates(folder: Path, images: str | None, kinds: tuple[Relation, ...], csv_path: Path | None, as_json: bool, **options: Any) -> None:
    """Group the images of FOLDER by what they are to each other: the same file or scan, one design in several colors, look-alikes."""
    found = bl.Archive.open(folder, images=images).find_duplicates(progress=not as_json, **options).of(*kinds or RELATIONS)
    if csv_path:
        found.to_csv(csv_path)
    lines = [f"{group.kind:>10}  {', '.join(group.filenames)}" for group in found]
    _say("\n".join([repr(found), *lines]), found.to_records(), as_json)


@main.command()
@ARCHIVE
@IMAGES
@AS_JSON
def check(folder: Path, images: str | None, as_json: bool) -> None:
    """Read every file of FOLDER and compare it with its checksum; tell what is missing. Status 1 when something is wrong."""
    findings = bl.Archive.locate(folder, images=images).check()
    wrong = [finding for finding in findings if finding.is_error]
    text = "\n".join(map(str, findings)) or f"{folder}: sound."
    _say(text, [{"error": f.is_error, "where": f.where, "what": f.what} for f in findings], as_json)
    if wrong:
        sys.exit(1)


@main.command()
@click.argument("model")
@click.argument("version")
@IN_ARCHIVE
def promote(model: str, version: str, folder: Path) -> None:
    """Make VERSION of MODEL the current one; an older one goes back."""
    bl.Archive.locate(folder).promote(model, version)
    click.echo(f"{model} {version} is current.")


@main.command(context_settings={"ignore_unknown_options": True})
@IN_ARCHIVE
@IMAGES
@click.option("--port", type=click.IntRange(0, 65535), default=5006, help="Where to listen; 0 takes any free one.")
@click.option("--address", default="localhost", help="On which address; '*' listens on all of them.")
@click.option("--show", is_flag=True, help="Open the page in a browser.")
@click.option("--num-procs", type=click.IntRange(0), default=1, help="How many processes serve; 0 means one a core.")
@click.argument("panel_options", nargs=-1, type=click.UNPROCESSED)
def serve(folder: Path, images: str | None, port: int, address: str, show: bool, num_procs: int, panel_options: tuple[str, ...]) -> None:
    """Serve the search page and the HTTP routes; an empty folder gets the sample designs.

    Further options go to `panel serve`: --basic-auth users.json, --prefix /lab, ...
    """
    from benzer_lab import server, views
    from benzer_lab.views.preparation_model import prepare, refuse_missing

    refuse_missing(folder)
    os.environ["BENZER_ARCHIVE"] = str(folder)
    if images:
        os.environ["BENZER_IMAGES"] = images
    if num_procs == 1:
        prepare()  # not before a fork, which would leave the thread behind that prepares
    options = ["--num-procs", str(num_procs), *panel_options]
    where = None if address == "*" else address
    server.serve(
        {"search": views.search_page, "atlas": views.atlas_page, "timings": views.timings_page},
        views.shared_archive,
        port=port,
        address=where,
        show=show,
        panel_options=options,
    )


@main.command()
@click.argument("question", type=click.Choice([*QUESTIONS, "all"]), default="search")
@click.option("--size", "sizes", type=click.IntRange(2), multiple=True, help="Rows or images; may be repeated. Each question has its own.")
@click.option("--engines", help="Which, with commas between; all that can run here, if left out.")
@click.option("--rounds", type=click.IntRange(1), help="In each of which all engines take their turn. Each question has its own number.")
@click.option("--threads", type=click.IntRange(1), help="That each engine may use; all cores if left out.")
@click.option("--budget", "budget_s", type=float, help="Seconds after which no further round of a question begins.")
@click.option("--seed", "random_state", default=0, help="Another seed draws other rows and questions.")
@click.option(
    "--archive", "folder", type=click.Path(path_type=Path), help="Compare with the rows of an archive; generated ones if left out."
)
@click.option("--out", type=click.Path(path_type=Path), help="Write a report and a file for /timings into this folder, too.")
@AS_JSON
def bench(
    question: str,
    sizes: tuple[int, ...],
    engines: str | None,
    folder: Path | None,
    out: Path | None,
    as_json: bool,
    **options: Any,
) -> None:
    """Compare scikit-learn, Faiss, others and Benzer Lab side by side, by one rule for all."""
    archive = None if folder is None else bl.Archive.open(folder)
    asked = {name: value for name, value in options.items() if value is not None}
    asked |= {"n": list(sizes)} if sizes else {}
    facts = {}
    for name, named in _contenders(question, engines).items():
        if not as_json:
            click.echo(f"benzer: {name}.", err=True)
        found = getattr(bl.timings, f"compare_{name}")(archive, progress=not as_json, engines=named, **asked)
        if out:
            out.mkdir(parents=True, exist_ok=True)
            found.to_parquet(out / f"{name}.parquet")
            with replacing(out / f"{name}.md") as draft:
                draft.write_text(found.report(), encoding="utf-8")
        if not as_json:
            click.echo(found.report())
        rows = json.loads(found.to_frame().to_json(orient="records", double_precision=6))  # NaN as null
        facts[name] = {"asked": dict(found.asked), "machine": dict(found.machine), "rows": rows}
    if as_json:
        _say(None, facts, as_json)


def _contenders(question: str, engines: str | None) -> dict[str, list[str] | None]:
    """Return the questions to ask, and of each the engines that were named; those that none of them answers are left out."""
    if engines is None or question != "all":
        names = None if engines is None else [name.strip() for name in engines.split(",")]
        return dict.fromkeys(QUESTIONS if question == "all" else (question,), names)
    known = {name: bl.timings.engines(name) for name in QUESTIONS}
    every = list(dict.fromkeys(engine for several in known.values() for engine in several))
    names = [one_of(name.strip(), every, caller="bench", name="engines") for name in engines.split(",")]
    answering = {asked: [name for name in names if name in several] for asked, several in known.items()}
    return {asked: several for asked, several in answering.items() if several}


@main.command()
@click.option("--calibrate", "measure", is_flag=True, help="Measure on which device each kind of index is sooner, and keep it.")
@AS_JSON
def doctor(measure: bool, as_json: bool) -> None:
    """Tell what Benzer Lab finds on this machine."""
    from benzer_lab.calibration import calibrate
    from benzer_lab.network import choose_device
    from benzer_lab.versions import libraries

    facts: dict[str, Any] = {
        "python": platform.python_version(),
        "system": platform.platform(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "libraries": libraries(),
        **_engine.describe(),
    }
    try:
        facts["device"] = choose_device("auto")
    except MissingExtraError as error:
        facts["device"] = str(error)
    if len(facts["faiss_wheels"]) > 1:
        two = " and ".join(facts["faiss_wheels"])
        facts["warning"] = f"{two} are installed, and are the same module: pip uninstall all of them, then install one."
    if measure:
        facts["calibration"] = calibrate(progress=lambda what: click.echo(f"benzer: measuring {what}", err=True))
        if not facts["calibration"]["gpus"]:
            facts["calibration"] = "There is no GPU that Faiss can use, so all searches stay on the CPU."
    width = max(map(len, facts))
    _say("\n".join(f"{key:>{width}}: {value}" for key, value in facts.items()), facts, as_json)


def _box(text: str) -> list[float]:
    """Return the four numbers of a box."""
    try:
        left, top, right, bottom = map(float, text.split(","))
    except ValueError as error:
        raise InputError(f"find: --region must be four numbers with commas between, like 120,80,420,380; got {text!r}.") from error
    return [left, top, right, bottom]


def _say(text: object, facts: object, as_json: bool) -> None:
    """Print for a person, or for a program."""
    click.echo(json.dumps(facts, ensure_ascii=False, indent=1) if as_json else str(text))


if __name__ == "__main__":
    main()

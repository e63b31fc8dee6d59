"""The archive: images, metadata and features in a folder, and the questions asked of them."""

import warnings
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from PIL.Image import Image

from benzer_lab import duplicate_store, region_store, repeat_store
from benzer_lab._checks import Metric, one_of
from benzer_lab._disk import cache_home
from benzer_lab._verdicts import Comparer
from benzer_lab.duplicates import DesignGroups, find_colorways, groups_of, keys_in
from benzer_lab.embedding import Picture, embed, embed_palette, rows_of, several_of, showing
from benzer_lab.errors import BenzerError, ImageError, InputError
from benzer_lab.features import FeatureSet
from benzer_lab.groups import DEFAULT, Groups, Method, find_groups
from benzer_lab.growth import Extracted, grow, recipe_for
from benzer_lab.hits import Hits
from benzer_lab.images import ImageFolder, decode
from benzer_lab.index import Index, Kind
from benzer_lab.inspection import Finding, inspect
from benzer_lab.layout import Method as MapMethod
from benzer_lab.layout_store import DesignMap, LayoutStore
from benzer_lab.location import Location, remember
from benzer_lab.metadata import Metadata
from benzer_lab.palettes import Palette
from benzer_lab.parts import PartSearcher
from benzer_lab.progress import Progress
from benzer_lab.recipes import TARGET, find_recipe
from benzer_lab.repeats import Repeat
from benzer_lab.search import CALLER, Question, Searcher
from benzer_lab.snapshots import FUSED, Shelf, Snapshots, Version, parts_of
from benzer_lab.thumbnails import Thumbnails
from benzer_lab.versions import Versions


class Archive:
    """Images, metadata and features in a folder.

    Made by `Archive.create` and `Archive.open`.

    Parameters
    ----------
    folder : Path
        Where features and versions lie.
    images : ImageFolder or None
        Where the images lie; without it the archive can be searched, but shows and extracts nothing.
    metadata : Path or None
        What is known of the images, `{filename: {field: value}}` as JSON.
    """

    def __init__(self, folder: Path, images: ImageFolder | None, metadata: Path | None) -> None:
        self.folder = folder
        self.images = images
        self._metadata_path = metadata
        self._versions = Versions(folder)
        self._snapshots = Snapshots(self._versions, metadata)
        self._layouts = LayoutStore(self._versions)
        self._part_searchers: Shelf[PartSearcher] = Shelf(1)
        self._groups: Shelf[DesignGroups | None] = Shelf(1)

    @classmethod
    def create(cls, folder: str | Path, *, images: str | Path, metadata: str | Path | None = None) -> "Archive":
        """Make an archive of a folder of images.

        Parameters
        ----------
        folder : str or Path
            Where the archive is to lie; made if need be. What is there already stays.
        images : str or Path
            A folder, or any fsspec URL; remembered in the archive.
        metadata : str or Path, optional
            A file `{filename: {field: value}}`; remembered too. Left out, it is sought in the folder and its parent.

        Returns
        -------
        Archive
            Without features yet: call `extract`.

        Raises
        ------
        InputError
            When there is no such folder of images, or no such metadata file.
        ArchiveError
            When the folder cannot be written.
        """
        remember(folder, images=images, metadata=metadata)
        return cls.open(folder)

    @classmethod
    def open(
        cls, folder: str | Path, *, images: str | Path | None = None, metadata: str | Path | None = None, verify: bool = False
    ) -> "Archive":
        """Open an archive, of this library or in the flat layout of the existing system.

        Parameters
        ----------
        folder : str or Path
            Where `{model}_features.npy` or `{model}/{version}/` lie.
        images : str or Path, optional
            Where the images lie; else what `create` remembered, else `images/` or `designs/` in the folder or beside it.
        metadata : str or Path, optional
            The metadata file; else what `create` remembered, else `image_metadata_map.json` in the folder or its parent.
        verify : bool, default=False
            Compare every file of every version with its checksum, which takes as long as reading them.

        Returns
        -------
        Archive
            Nothing is rewritten.

        Raises
        ------
        ArchiveError
            When there is no such folder, or what lies in it does not fit together.
        InputError
            When the images or the metadata that were named do not exist.
        """
        archive = cls.locate(folder, images=images, metadata=metadata)
        for model, versions in archive._versions.models().items():
            archive.features(model)
            for version in versions if verify else ():
                archive._versions.load(model, version, verify=True)
        return archive

    @classmethod
    def locate(cls, folder: str | Path, *, images: str | Path | None = None, metadata: str | Path | None = None) -> "Archive":
        """Find where images and metadata of an archive lie, without opening its features: enough to `check`, `promote` and `extract`.

        Parameters
        ----------
        folder, images, metadata : str or Path
            As for `open`.

        Returns
        -------
        Archive
            Its features are opened, and refused where they are damaged, when they are first asked for.

        Raises
        ------
        ArchiveError
            When there is no such folder, or its `archive.json` is torn.
        InputError
            When the images or the metadata that were named do not exist.
        """
        place = Location.find(folder, images=images, metadata=metadata)
        return cls(place.folder, place.images, place.metadata)

    def __repr__(self) -> str:
        """Say where, how much and which models."""
        models = (
            ", ".join(f"{model} {'+'.join(self._snapshots.resolve(model, None)[1])}" for model in self.models)
            or "no features yet: call extract()"
        )
        return f"Archive({self.folder.name}, {len(self.filenames):,} images, {models})"

    @property
    def filenames(self) -> tuple[str, ...]:
        """The images: those in the folder of images, or, without one, those of the default model's features."""
        if self.images is not None:
            return self.images.filenames
        return tuple(self.features().filenames) if self.models else ()

    @property
    def models(self) -> dict[str, tuple[str, ...]]:
        """The models and their versions, oldest first; `color+pattern` is there when both of its parts are."""
        return self._snapshots.models()

    @property
    def default_model(self) -> str:
        """The model that is searched where none is named: `color+pattern` when both exist, else the one there is."""
        return self._snapshots.resolve(None, None)[0]

    @property
    def designs(self) -> Any:
        """What is known of each image, as a pandas DataFrame of n rows: filename, design, season, quality, features..."""
        return self.metadata.align(self.filenames, model="", version="").table.to_pandas()

    @property
    def metadata(self) -> Metadata:
        """The metadata file as columns, read again when the file changes."""
        return self._snapshots.metadata()[1]

    def features(self, model: str | None = None, version: Version = None) -> FeatureSet:
        """Return the rows of a model, memory-mapped.

        Parameters
        ----------
        model : str, optional
            One of `models`; the default model where it is left out.
        version : str or mapping, optional
            Current where it is left out; `{"color": "v1", "pattern": "v2"}` for `color+pattern`.

        Returns
        -------
        FeatureSet of shape (n, d)
            For `color+pattern` the images that both models have, one unit block each.

        Raises
        ------
        InputError
            When there is no such model or version.
        ArchiveError
            When its files do not fit together.
        """
        return self._snapshots.features(*self._snapshots.resolve(model, version))

    def searcher(self, model: str | None = None, version: Version = None) -> Searcher:
        """Return the snapshot that answers for a model: features and metadata that belong together and never change.

        Parameters
        ----------
        model : str, optional
            One of `models`; the default model where it is left out.
        version : str or mapping, optional
            Current where it is left out.

        Returns
        -------
        Searcher
            The same object until a version is promoted or a file changes.

        Raises
        ------
        InputError
            When there is no such model or version.
        """
        return self._snapshots.answering(
            model, version, thumbnail=self._thumbnail_or_none, picture=self._picture, renewed=self._list_images
        )

    def index(
        self,
        model: str | None = None,
        version: Version = None,
        *,
        kind: Kind = "auto",
        recall: float = 0.99,
        progress: Progress = True,
    ) -> Index:
        """Return the index by which a model is searched; build it, and keep it beside the version, where there is none.

        Parameters
        ----------
        model : str, optional
            One of `models`; the default model where it is left out.
        version : str or mapping, optional
            Current where it is left out.
        kind : {'auto', 'flat', 'exact', 'fast', 'ivf', 'hnsw'}, default='auto'
            As for `Index.build`; another than the one that is kept takes its place.
        recall : float, 0 < recall <= 1, default=0.99
            As for `Index.build`.
        progress : bool or callable, default=True
            A bar on stderr, or what is called with (done, total).

        Returns
        -------
        Index
            Searches use it from now on. Nothing is kept where all rows are compared at once anyway.

        Raises
        ------
        InputError
            When there is no such model or version, or an argument is outside its range.
        """
        return self._snapshots.index(*self._snapshots.resolve(model, version), kind=kind, recall=recall, progress=progress)

    def build_indexes(self, progress: Progress = True) -> dict[str, Index]:
        """Build what is missing of the current versions' indexes, where searches would be sooner by one.

        Parameters
        ----------
        progress : bool or callable, default=True
            A bar on stderr, or what is called with (done, total).

        Returns
        -------
        dict of str to Index
            Of the models for which one was built.
        """
        wanting = [model for model in self.models if self._snapshots.wants_index(*self._snapshots.resolve(model, None))]
        return {model: self.index(model, progress=progress) for model in wanting}

    def layout(
        self,
        model: str | None = None,
        *,
        method: MapMethod = "umap",
        version: Version = None,
        name: str | None = None,
        n_neighbors: int = 15,
        random_state: int = 0,
        progress: Progress = True,
    ) -> DesignMap:
        """Return the map of a model, on which designs that look alike lie together; make it, and keep it, where there is none.

        Parameters
        ----------
        model : str, optional
            One of `models`; the default model where it is left out.
        method : {'umap', 'densmap', 'pca'}, default='umap'
            As for `Layout`.
        version : str or mapping, optional
            Current where it is left out.
        name : str, optional
            Under which it is kept beside the version; the method's where it is left out. A map made otherwise takes its place.
        n_neighbors : int, default=15
            Few show detail, many the whole.
        random_state : int, default=0
            Another one gives another map.
        progress : bool or callable, default=True
            A bar on stderr, or what is called with (done, total).

        Returns
        -------
        DesignMap
            In the order of the version's rows. Where the version before has this map, its designs stay where they were and new ones
            are placed amid their neighbors, until a fifth have come so: then all are laid out anew, as under a new name.

        Raises
        ------
        InputError
            When there is no such model or version, an option is outside its range, or there are fewer than three designs.
        MissingExtraError
            When umap-learn is not installed, and `method` is not 'pca'.
        """
        parts = parts_of(*self._snapshots.resolve(model, version))
        options = {"method": method, "n_neighbors": n_neighbors, "random_state": random_state}
        return self._layouts.lay_out(parts, self.features(model, version), options, name=name, progress=progress)

    def layouts(self, model: str | None = None, version: Version = None) -> dict[str, DesignMap]:
        """Return the maps that are kept of a model.

        Parameters
        ----------
        model : str, optional
            One of `models`; the default model where it is left out.
        version : str or mapping, optional
            Current where it is left out.

        Returns
        -------
        dict of str to DesignMap
            By name.

        Raises
        ------
        InputError
            When there is no such model or version.
        """
        return self._layouts.read(parts_of(*self._snapshots.resolve(model, version)))

    def _list_images(self) -> None:
        """List the images again, and forget the addresses of the old ones."""
        if self.images is not None:
            self.images.refresh()
        self.__dict__.pop("thumbnails", None)

    def find_similar(  # noqa: PLR0913  (its options are the question itself)
        self,
        query: str | Picture | Sequence[str] | Sequence[Picture] | None = None,
        *,
        region: Sequence[float] | Sequence[Sequence[float]] | None = None,
        palette: Palette | Mapping[str, float] | Sequence[str] | None = None,
        model: str | None = None,
        version: Version = None,
        top_n: int = 100,
        metric: Metric | None = None,
        filters: Mapping[str, Any] | None = None,
        color_weight: float | None = None,
        min_similarity: float = 0.0,
        group_by: str | None = None,
        include_query: bool = False,
    ) -> Hits:
        """Find the designs that look like the query.

        Parameters
        ----------
        query : str, Path, bytes, PIL image, uint8 array of shape (h, w, 3), or a sequence of one kind
            A str is a file name in the archive, a Path a file on this disk. Several mean the mean of them.
        region : sequence of four numbers, or sequence of such, optional
            A part of the query, such as a motif: left, top, right and bottom in pixels of its upright original. Designs that show it
            are found in any colors, elsewhere, turned by quarters and from 0.7 to 1.4 times as large; where several parts are given,
            those that show all of them. Needs `index_regions`.
        palette : Palette, mapping of hex to weight, or sequence of hex, optional
            Colors to look for in place of a query, such as `{"#B83B5E": 2, "#F5EBDD": 1}`; the model is then `color`. `Palette` can
            ask that they must be shown.
        model : str, optional
            What is compared; `color+pattern` when the archive has both.
        version : str or mapping, optional
            Current where it is left out; `{"color": "v1", "pattern": "v2"}` for `color+pattern`.
        top_n : int, default=100
            How many hits at most, 1 or more; more than there are means all.
        metric : {'cosine', 'l2'}, optional
            Measure; the model's own where it is left out.
        filters : mapping, optional
            `{"season": ["SS24", "AW24"], "features": {"all": ["floral"]}, "width": {"min": 140}}`: every field is required.
        color_weight : float from 0 to 1, optional
            0 is pattern only, 1 color only; for `color+pattern`, 0.1 where it is left out.
        min_similarity : float from 0 to 1, default=0
            Hits below it are cut off.
        group_by : {'design'}, optional
            One hit a design: its best image.
        include_query : bool, default=False
            Whether the query images may be among the hits.

        Returns
        -------
        Hits
            Most similar first. With a region, `boxes` say where it is; model and version then name only whose images are searched.

        Raises
        ------
        InputError
            When a name, model, version, metric or filter field is unknown, a color is none, a region is not within its image or too
            small, or the model cannot embed new images.
        ImageError
            When an image cannot be read.
        """
        question = Question(
            top_n=top_n,
            metric=metric,
            filters=filters,
            color_weight=color_weight,
            min_similarity=min_similarity,
            group_by=group_by,
            include_query=include_query,
        )
        if (query is None) == (palette is None):
            raise InputError(f"{CALLER}: query or palette must be given, and not both.")
        if region is not None:
            if query is None:
                raise InputError(f"{CALLER}: region must be left out where a palette is looked for: it is a part of a query.")
            return self.part_searcher(model, version).find_similar(query, region, question)
        if palette is None:
            searcher = self.searcher(model, version)
            rows = rows_of(query, searcher.features, caller=CALLER)
            return searcher.find_similar(rows, question, shown=[] if isinstance(rows, list) else several_of(query))
        if model is None and "color" not in self.models:
            raise InputError(
                f"{CALLER}: palette must be asked of an archive with a model 'color'. Make it: archive.extract(models=['color'])."
            )
        colors = palette if isinstance(palette, Palette) else Palette(palette)
        searcher = self.searcher(model or "color", version)
        row = embed_palette(colors, searcher.features, caller=CALLER)
        return searcher.find_similar(row, question, among=showing(colors, searcher.features, caller=CALLER), shown=[colors])

    def find_duplicates(
        self, *, neighbors: int = 24, version: str | None = None, processes: int | None = None, progress: Progress = True
    ) -> DesignGroups:
        """Group all images by what they are to each other, across seasons: duplicates, colorways, look-alikes.

        One pass over the neighbor graph of the model `pattern` names the pairs that may be one design; each of them is compared on its
        pixels, one image laid on the other, unless their files are the same byte for byte. What pairs are is kept: a run that was
        stopped goes on where it was, and after images came, only theirs are compared. The groups are kept, too (`duplicates`).

        Parameters
        ----------
        neighbors : int, default=24
            How many of each image are compared with it, the nearest by pattern; more where all of them may be one design.
        version : str, optional
            Of the model `pattern`; current where it is left out.
        processes : int, optional
            How many work at a time; all cores by default.
        progress : bool or callable, default=True
            A bar on stderr, or what is called with (done, total): of the images whose neighbors are sought, then of the pairs.

        Returns
        -------
        DesignGroups
            Each called duplicate (the same file or scan), colorway (one design in several colors) or look-alike (other designs that
            resemble one).

        Raises
        ------
        InputError
            When there is no model `pattern`, the images are not known, or a number is below 1.
        ArchiveError
            When the disk refuses, or another process is at the same work.
        """
        images = self._known_images(duplicate_store.CALLER)
        model, versions = self._snapshots.resolve("pattern", version)
        self._list_images()
        searcher = self.searcher(model, version)
        keys = keys_in(searcher, self.thumbnails)
        found = duplicate_store.find(
            self.folder,
            searcher,
            Comparer(images, self.thumbnails),
            keys=keys,
            stamp=self._versions.stamp(model, versions[0]),
            neighbors=neighbors,
            processes=processes,
            progress=progress,
        )
        return groups_of(found, self.metadata, keys, self._thumbnail_or_none)

    def duplicates(self) -> DesignGroups | None:
        """Return the groups that `find_duplicates` found last, and how many images came since.

        Returns
        -------
        DesignGroups or None
            None where nothing was looked for. `n_new` and `n_gone` say whether `find_duplicates` would find others now.

        Raises
        ------
        InputError
            When there is no model `pattern`, or the images are not known.
        ArchiveError
            When the file of groups is torn.
        """
        searcher, thumbnails = self.searcher("pattern"), self.thumbnails
        known, metadata = self._snapshots.metadata()

        def read() -> DesignGroups | None:
            found = duplicate_store.read(self.folder)
            return found and groups_of(found, metadata, keys_in(searcher, thumbnails), self._thumbnail_or_none)

        return self._groups.get((duplicate_store.stamp(self.folder), known, searcher, thumbnails), read)

    def find_colorways(self, filename: str, *, version: str | None = None) -> Hits:
        """Find the other colorways of a design: the same artwork in other colors, in whatever season.

        The nearest images by pattern are compared on their pixels: another design that resembles this one is not among the hits, nor is
        the same scan again. It is quick where the small pictures of the images are kept (`thumbnails`): once a page has shown them.

        Parameters
        ----------
        filename : str
            An image of the design.
        version : str, optional
            Of the model `pattern`; current where it is left out.

        Returns
        -------
        Hits
            The nearest by pattern first; none where there are no other colorways.

        Raises
        ------
        InputError
            When there is no such image, no model `pattern`, or the images are not known.
        ImageError
            When the image cannot be read.
        """
        return find_colorways(filename, self.searcher("pattern", version), self._known_images("find_colorways"), self.thumbnails)

    def part_searcher(self, model: str | None = None, version: Version = None) -> PartSearcher:
        """Return what answers for parts of images: the regions that `index_regions` described, beside the snapshot of a model.

        Parameters
        ----------
        model : str, optional
            Whose images are searched; the default model where it is left out.
        version : str or mapping, optional
            Current where it is left out.

        Returns
        -------
        PartSearcher
            The same object until a version is promoted or a file changes.

        Raises
        ------
        InputError
            When there is no such model or version, or no regions were described.
        ArchiveError
            When the file of regions is torn.
        """
        searcher, stamp = self.searcher(model, version), region_store.stamp(self.folder)
        if not stamp:
            raise InputError(
                f"{CALLER}: region must be asked of an archive whose regions are described. Call archive.index_regions() first."
            )
        return self._part_searchers.get((searcher, stamp), lambda: PartSearcher.open(self.folder, searcher, self.images))

    def embed(self, images: Picture | Sequence[Picture], *, model: str | None = None, version: Version = None) -> NDArray[np.float32]:
        """Compute rows of images that need not be in the archive.

        Parameters
        ----------
        images : Path, bytes, PIL image, uint8 array of shape (h, w, 3), or a sequence of q of them
            What to embed.
        model : str, optional
            One of `models`; the default model where it is left out.
        version : str or mapping, optional
            Whose recipe to use; current where it is left out.

        Returns
        -------
        ndarray of shape (q, d), float32
            Comparable with the rows of that version.

        Raises
        ------
        InputError
            When the version was not made here, so that nothing new can be embedded among its rows.
        ImageError
            When an image cannot be read.
        """
        several = list(images) if isinstance(images, Sequence) and not isinstance(images, bytes) else [images]
        return embed(several, self.features(model, version), caller="embed")

    def extract(
        self,
        models: Sequence[str] = FUSED,
        *,
        recipe: str | None = None,
        processes: int | None = None,
        device: str = "auto",
        progress: Progress = True,
    ) -> Extracted:
        """Compute the features that are missing and publish them; a run that was stopped goes on where it was.

        Parameters
        ----------
        models : sequence of str, default=('color', 'pattern')
            What to bring up to date with the images.
        recipe : str, optional
            How, such as 'pattern-1', when only one model is named; else the recipe of its current version, else the newest.
        processes : int, optional
            How many work at a time; all cores by default.
        device : str, default="auto"
            Where the network runs: 'auto', 'cpu', 'cuda:0'...
        progress : bool or callable, default=True
            A bar on stderr, or what is called with (done, total).

        Returns
        -------
        Extracted
            What was computed, kept, removed and published. A version by another recipe than the current one's waits for `promote`.

        Raises
        ------
        InputError
            When there are no images, or no such model or recipe.
        ArchiveError
            When the disk refuses, or another process is extracting here.
        """
        images = self._known_images("extract")
        models = [models] if isinstance(models, str) else list(models)
        if recipe is not None and len(models) != 1:
            raise InputError(f"extract: recipe must go with one model; got {len(models)} models.")
        recipes = [recipe_for(self._versions, model) if recipe is None else find_recipe(recipe, model=model) for model in models]
        done = grow(self._versions, images, recipes, processes=processes, device=device, progress=progress)
        self._list_images()
        try:
            self.build_indexes(progress)
        except (BenzerError, OSError, RuntimeError, MemoryError) as error:
            warnings.warn(f"extract: {error} The features are published; until there is an index, every row is compared.", stacklevel=2)
        return done

    def find_repeats(self, *, processes: int | None = None, progress: Progress = True) -> Any:
        """Find the repeat unit of the images that are new or changed, and keep it; a run that was stopped goes on where it was.

        Parameters
        ----------
        processes : int, optional
            How many work at a time; all cores by default.
        progress : bool or callable, default=True
            A bar on stderr, or what is called with (done, total).

        Returns
        -------
        pandas.DataFrame
            As `repeats` returns it. From now on `repeat` and `scale` are fields of the metadata, unless it has such fields already.

        Raises
        ------
        InputError
            When there are no images.
        ArchiveError
            When the disk refuses, or another process is at the same work.
        """
        repeat_store.find(self.folder, self._known_images("find_repeats"), processes=processes, progress=progress)
        return self.repeats()

    def repeats(self) -> Any:
        """Return the repeat units that `find_repeats` found.

        Returns
        -------
        pandas.DataFrame of n rows
            A row an image: filename, repeat ('straight', 'half-drop', 'brick', 'none'), width and height of the unit in pixels,
            width_cm and height_cm where the image knows its dpi, scale ('micro', 'small', 'medium', 'large'), confidence (0 to 1),
            image_width and image_height in pixels, and a reason where the image could not be read. Without rows where nothing was
            looked for.

        Raises
        ------
        ArchiveError
            When the file is torn.
        """
        return repeat_store.read(self.folder).drop_columns("fingerprint").to_pandas()

    def repeat(self, filename: str) -> Repeat | None:
        """Return the repeat unit that `find_repeats` found of one image.

        Parameters
        ----------
        filename : str
            Its name.

        Returns
        -------
        Repeat or None
            As `find_repeat` returns it; None where nothing was looked for, or the image could not be read.

        Raises
        ------
        ArchiveError
            When the file of repeats is torn.
        """
        return repeat_store.of(self.folder, filename)

    def index_regions(self, *, processes: int | None = None, progress: Progress = True) -> Any:
        """Describe the images that are new or changed place by place, so that `find_similar` finds a region of a query in them.

        A run that was stopped goes on where it was.

        Parameters
        ----------
        processes : int, optional
            How many work at a time; all cores by default.
        progress : bool or callable, default=True
            A bar on stderr, or what is called with (done, total).

        Returns
        -------
        pandas.DataFrame of n rows
            A row an image: filename, width and height in pixels, rows and columns of the cells it is described by, and a reason where it
            could not be read.

        Raises
        ------
        InputError
            When there are no images.
        ArchiveError
            When the disk refuses, or another process is at the same work.
        """
        region_store.describe(self.folder, self._known_images("index_regions"), processes=processes, progress=progress)
        return region_store.read(self.folder)[0].drop_columns("fingerprint").to_pandas()

    def count_undescribed(self, model: str | None = None, version: Version = None) -> int:
        """Count the images in which no region is found yet, until `index_regions` has described them.

        Parameters
        ----------
        model : str, optional
            Whose images are counted; the default model where it is left out.
        version : str or mapping, optional
            Current where it is left out.

        Returns
        -------
        int
            All of them where nothing was described.

        Raises
        ------
        InputError
            When there is no such model or version.
        ArchiveError
            When the file of regions is torn.
        """
        if not region_store.stamp(self.folder):
            return len(self.searcher(model, version).features)
        return self.part_searcher(model, version).n_undescribed

    def cluster(
        self,
        model: str | None = None,
        n_clusters: int | Literal["auto"] = "auto",
        *,
        version: Version = None,
        metric: Metric | None = None,
        method: Method = "kmeans",
        name: str = DEFAULT,
        random_state: int = 0,
        progress: Progress = True,
    ) -> Groups:
        """Group the designs by what they look like, name the groups, and keep them beside the version.

        Images that come later belong to the next version, which has no groups until this is called again.

        Parameters
        ----------
        model : str, optional
            One of `models`; the default model where it is left out.
        n_clusters : int or 'auto', default='auto'
            How many, from 1 to the number of images; chosen by `choose_k` where it is 'auto'.
        version : str or mapping, optional
            Current where it is left out.
        metric : {'cosine', 'l2'}, optional
            The model's own where it is left out.
        method : {'kmeans', 'hdbscan'}, default='kmeans'
            K-means puts every image in a cluster; HDBSCAN finds places where images lie dense, and may say that there are none.
        name : str, default='default'
            Under which they are kept: those called 'default' are the field `cluster` of hits and filters.
        random_state : int, default=0
            Of samples and runs.
        progress : bool or callable, default=True
            A bar on stderr, or what is called with (done, total); what it raises stops the work.

        Returns
        -------
        Groups
            The largest cluster first.

        Raises
        ------
        InputError
            When there is no such model or version, or an argument is out of range.
        """
        searcher = self.searcher(model, version)
        table, parts = self._snapshots.clusters, parts_of(*self._snapshots.resolve(model, version))
        table.paths(parts, name)  # a name that no file can have is refused before the work
        source = table.source(parts)
        groups = find_groups(
            searcher.features,
            searcher.metadata,
            n_clusters=n_clusters,
            method=method,
            metric=metric,
            random_state=random_state,
            progress=progress,
            thumbnail=self._thumbnail_or_none,
        )
        table.write(parts, name, *groups.to_table(), source)
        return groups

    def clusters(self, model: str | None = None, version: Version = None, *, name: str = DEFAULT) -> Groups | None:
        """Return the groups that `cluster` found and kept.

        Parameters
        ----------
        model : str, optional
            One of `models`; the default model where it is left out.
        version : str or mapping, optional
            Current where it is left out.
        name : str, default='default'
            Under which they were kept.

        Returns
        -------
        Groups or None
            None where there are none of this version.

        Raises
        ------
        InputError
            When there is no such model or version.
        """
        kept = self._snapshots.clusters.read(parts_of(*self._snapshots.resolve(model, version)), name)
        return None if kept is None else Groups.from_table(*kept, thumbnail=self._thumbnail_or_none)

    def promote(self, model: str, version: str) -> None:
        """Make a version the current one, an older one too.

        Parameters
        ----------
        model, version : str
            A stored model and one of its versions.

        Raises
        ------
        InputError
            When there is no such model or version.
        """
        self._versions.promote({model: version})

    def card(self, model: str, version: str | None = None) -> dict[str, Any]:
        """Return how a version was made.

        Parameters
        ----------
        model : str
            A stored model.
        version : str, optional
            Current where it is left out.

        Returns
        -------
        dict
            Recipe with its parameters, metric, shape, date, parent, library versions and checksums.

        Raises
        ------
        InputError
            When there is no such model or version.
        """
        one_of(model, self._versions.models(), caller="card", name="model")
        return self._versions.card(model, self._snapshots.resolve(model, version)[1][0])

    def check(self) -> list[Finding]:
        """Read every file of every version and set images, rows and metadata against each other.

        Returns
        -------
        list of Finding
            Errors first; empty when all is well.
        """
        return inspect(self._versions, self.images, self._metadata_path)

    @cached_property
    def thumbnails(self) -> Thumbnails:
        """Small pictures of the images, kept on disk."""
        return Thumbnails(self._known_images("Archive.thumbnails"), cache_home(self.folder / ".thumbnails"))

    def _known_images(self, caller: str) -> ImageFolder:
        """Return the images, or refuse where there are none."""
        if self.images is None:
            raise InputError(f"{caller}: images must be known; there are none beside {self.folder}. Open the archive with images=.")
        return self.images

    def _thumbnail_or_none(self, filename: str) -> bytes | None:
        """Return a picture for a notebook, or None where the image is gone or broken."""
        try:
            return self.thumbnails.get(filename) if self.images is not None else None
        except ImageError:
            return None

    def _picture(self, filename: str) -> Image:
        """Return an image as large as the recipes look at it, or raise ImageError where it is gone or broken."""
        name = self.images.locate(filename) if self.images is not None else None
        if self.images is None or name is None:
            raise ImageError(f"Archive: {filename!r} must be among the images; there is no such file.")
        return decode(self.images.read(name), target=TARGET, name=name)

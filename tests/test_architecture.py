"""Proves the one direction of imports and the one home of each heavy library, lazy imports included."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

VALUES = {"app.domain", "app.errors", "app.request_errors", "app.filters", "app.jobs", "app.access", "app.character"}
MAY_IMPORT = {
    "app.access": set(),
    "app.character": set(),
    "app.domain": {"app.character"},
    "app.errors": set(),
    "app.filters": set(),
    "app.jobs": set(),
    "app.request_errors": {"app.errors"},
    "app.settings": set(),
    "app.media": VALUES,
    "app.encoders": VALUES | {"app.media"},
    "app.inference": VALUES | {"app.encoders", "app.media"},
    "app.catalogue": VALUES,
    "app.index": VALUES,
    "app.blobs": VALUES,
    "app.recommendation": VALUES | {"app.catalogue", "app.index", "app.blobs", "app.inference", "app.encoders"},
    "app.api": VALUES | {"app.recommendation"},
    "app.opening": VALUES
    | {
        "app.settings",
        "app.recommendation",
        "app.catalogue",
        "app.index",
        "app.blobs",
        "app.inference",
        "app.encoders",
    },
    "app.lifespan": VALUES
    | {
        "app.settings",
        "app.opening",
        "app.recommendation",
        "app.catalogue",
        "app.index",
        "app.blobs",
        "app.inference",
        "app.encoders",
    },
    "app.main": VALUES | {"app.settings", "app.opening", "app.lifespan", "app.api"},
    "app.terminal": VALUES | {"app.recommendation"},
    "app.commands": VALUES
    | {
        "app.asking",
        "app.client",
        "app.settings",
        "app.opening",
        "app.recommendation",
        "app.catalogue",
        "app.terminal",
    },
    "app.cli": VALUES | {"app.main", "app.commands", "app.recommendation"},
    "training": VALUES | {"app.encoders", "app.media"},
    "app.asking": VALUES,
    "app.client": VALUES | {"app.asking"},
    "migrations": {"app.catalogue", "app.settings", "app.domain"},
}
HOMES = {
    "torch": {"app.encoders", "app.inference", "training"},
    "torchvision": {"app.encoders"},
    "open_clip": {"app.encoders"},
    "safetensors": {"app.encoders", "training"},
    "av": {"app.media"},
    "cv2": {"app.media"},
    "tinytag": {"app.media"},
    "ffmpeg": {"app.media"},
    "faiss": {"app.index"},
    "sqlalchemy": {"app.catalogue", "migrations"},
    "alembic": {"app.catalogue", "migrations"},
    "fastapi": {"app.api", "app.main", "app.lifespan"},
    "starlette": {"app.api", "app.main", "app.lifespan"},
    "python_multipart": {"app.api"},
    "prometheus_client": {"app.api"},
    "fastapi_offline": set(),
    "uvicorn": {"app.main"},
    "httpx": {"app.asking", "app.encoders"},
    "httpcore": {"app.asking"},
    "typer": {"app.cli", "app.commands"},
    "rich": {"app.commands", "app.terminal", "training"},
    "librosa": set(),
    "multiprocessing": {"app.inference", "training"},
}
# What the API process and the decode processes load must stay free of torch, so these name no torch module.
TORCH_FREE_ENCODER_MODULES = {"app.encoders.spec", "app.encoders.sampling", "app.encoders.material"}


def modules() -> dict[str, Path]:
    """Every module of the product, by dotted name."""
    paths = [path for top in ("app", "training", "migrations") for path in sorted((ROOT / top).rglob("*.py"))]
    return {".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path for path in paths}


def imported_by(source: str) -> set[str]:
    """Every module that the source names in an import, at any depth; for `from a import b` both `a` and `a.b`."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def part_of(module: str) -> str | None:
    """The row of MAY_IMPORT that a module belongs to; None where it is no module of ours."""
    matching = [part for part in MAY_IMPORT if module == part or module.startswith(f"{part}.")]
    return max(matching, key=len, default=None)


def forbidden_arrows(module: str, source: str) -> list[str]:
    """The imports of one module that its row does not allow."""
    own = part_of(module)
    assert own is not None, f"{module} has no row in MAY_IMPORT"
    targets = {name: part_of(name) for name in imported_by(source)}
    return [
        f"{module} imports {name}"
        for name, part in sorted(targets.items())
        if part is not None and part != own and part not in MAY_IMPORT[own]
    ]


def strays(module: str, source: str) -> list[str]:
    """The libraries that one module imports outside their home."""
    own = part_of(module)
    tops = {name.partition(".")[0] for name in imported_by(source)}
    return [f"{module} imports {library}" for library in sorted(tops & HOMES.keys()) if own not in HOMES[library]]


OURS = {name: path for name, path in modules().items() if path.stat().st_size > 0}


@pytest.mark.parametrize("module", OURS)
def test_a_module_imports_only_what_lies_in_the_direction_of_its_arrows(module: str) -> None:
    assert forbidden_arrows(module, OURS[module].read_text()) == []


@pytest.mark.parametrize("module", OURS)
def test_a_heavy_library_is_imported_only_at_home(module: str) -> None:
    assert strays(module, OURS[module].read_text()) == []


def test_the_rules_catch_an_import_hidden_in_a_function() -> None:
    hidden = "def late():\n    from training.losses import inter_loss\n    import torch\n    from app import api\n"
    assert forbidden_arrows("app.catalogue.tables", hidden) == [
        "app.catalogue.tables imports app.api",
        "app.catalogue.tables imports training.losses",
        "app.catalogue.tables imports training.losses.inter_loss",
    ]
    assert strays("app.catalogue.tables", hidden) == ["app.catalogue.tables imports torch"]


def test_the_processes_without_torch_reach_no_module_that_imports_it() -> None:
    for name in TORCH_FREE_ENCODER_MODULES:
        tops = {imported.partition(".")[0] for imported in imported_by(OURS[name].read_text())}
        assert not tops & {"torch", "open_clip", "torchvision", "librosa"}, name


@pytest.mark.parametrize("path", [path for path in modules().values() if path.name == "__init__.py"], ids=str)
def test_an_init_file_is_empty(path: Path) -> None:
    assert path.read_text() == ""


def test_no_two_modules_import_each_other() -> None:
    names = set(OURS)
    arrows = {name: imported_by(path.read_text()) & names for name, path in OURS.items()}
    mutual = [(a, b) for a in names for b in arrows[a] if a < b and a in arrows[b]]
    assert mutual == []


def test_no_module_of_the_product_loads_pickles() -> None:
    for name, path in OURS.items():
        assert "torch.load(" not in path.read_text(), name
        imported = imported_by(path.read_text())
        # Its error may be named, so that weights which hold code can be refused by their name.
        pickles = {module for module in imported if module.partition(".")[0] in {"pickle", "dill", "joblib"}}
        assert pickles <= {"pickle", "pickle.UnpicklingError"}, name
        assert "pickle" not in pickles or "pickle.UnpicklingError" in pickles, name

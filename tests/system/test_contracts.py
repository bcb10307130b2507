"""Who may import whom: every contract of pyproject.toml holds, and each one breaks when an import breaks it."""

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LINT = Path(sys.executable).with_name("lint-imports")
PACKAGES = ("platform/clinic", "inference", "training", "evaluation")

# What a careless hand might add to a module, by the contract that has to stop it.
CARELESS = {
    "The clinic is built in storeys": ("platform/clinic/vault/store.py", "import clinic.cases.models"),
    "Training never imports the clinic": ("training/data/faces.py", "import clinic.vault.store"),
    "The clinic never imports training": ("platform/clinic/cases/intake.py", "import training.data.faces"),
    "Inference imports nothing of ours": ("inference/contract.py", "import evaluation.marks"),
    "Evaluation imports nothing of ours, and no torch": ("evaluation/report.py", "import torch"),
    "Inference, training and evaluation know no Django": ("inference/worker.py", "import django"),
    "The clinic loads no torch, not even through others": ("inference/canonical.py", "import torch"),
    "Of inference the clinic knows the border only": ("platform/clinic/cases/masking.py", "import inference.engine"),
    "Of inference training knows networks and checkpoints only": (
        "training/loop/steps.py",
        "import inference.envelope",
    ),
}


def contracts() -> list[str]:
    """The names of the contracts in pyproject.toml."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return [contract["name"] for contract in settings["tool"]["importlinter"]["contracts"]]


def lint(tree: Path) -> str:
    """What lint-imports prints for the packages under `tree`, with the project's own contracts."""
    done = subprocess.run(
        [LINT, "--config", tree / "pyproject.toml", "--no-cache"],
        cwd=tree,
        env={"PYTHONPATH": f"{tree / 'platform'}:{tree}"},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the packages, modules only, that a test may spoil."""
    tree = tmp_path_factory.mktemp("contracts")
    shutil.copy(ROOT / "pyproject.toml", tree)
    for package in PACKAGES:
        for module in (ROOT / package).rglob("*.py"):
            copy = tree / module.relative_to(ROOT)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(module, copy)
    return tree


def test_every_contract_holds(sources: Path) -> None:
    printed = lint(sources)
    assert f"Contracts: {len(contracts())} kept, 0 broken." in printed, printed
    for name in contracts():
        assert f"{name} KEPT" in printed


def test_no_contract_is_left_untried() -> None:
    assert sorted(CARELESS) == sorted(contracts())


@pytest.mark.parametrize("contract", CARELESS)
def test_a_careless_import_breaks_the_contract(sources: Path, contract: str) -> None:
    module, line = CARELESS[contract]
    spoilt = sources / module
    sound = spoilt.read_text(encoding="utf-8")
    try:
        spoilt.write_text(f"{sound}\n{line}\n", encoding="utf-8")
        printed = lint(sources)
    finally:
        spoilt.write_text(sound, encoding="utf-8")
    assert f"{contract} BROKEN" in printed, printed

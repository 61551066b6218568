"""models and doctor: what a checkout needs to run, what of it is there, and how the rest comes."""

from __future__ import annotations

import sys
from enum import Enum
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from ttsopt.cli import bench_options as run_opt
from ttsopt.cli import options as opt
from ttsopt.cli.outcome import Outcome, json_asked

if TYPE_CHECKING:
    from ttsopt.operations.models import Download, SystemModels


class HubName(Enum):
    """The hubs that models are published on."""

    HUGGINGFACE = "huggingface"
    MODELSCOPE = "modelscope"


Models = Annotated[
    list[str], typer.Option("--model", metavar="NAME", help="This model alone; repeats.")
]
WantDownload = Annotated[
    bool, typer.Option("--download", help="Fetch what is missing of the model.")
]
OfHub = Annotated[
    HubName | None,
    typer.Option("--hub", help="Where from.", show_default="the one whose client is installed"),
]
ForPatches = Annotated[bool, typer.Option("--for-patches", help="Also what patches alone need.")]


def models(
    directory: opt.Directory = opt.HERE,
    names: Models = [],  # noqa: B006
    download: WantDownload = False,
    hub: OfHub = None,
    for_patches: ForPatches = False,
    dry_run: opt.DryRun = False,
    system: opt.System = "",
    root: opt.Root = "",
    catalogs: opt.Catalogs = [],  # noqa: B006
) -> Outcome:
    """Say which models a checkout needs, what is there and where; fetch the rest."""
    from ttsopt.cli.show_models import models_data, show_models
    from ttsopt.operations.locate import Target
    from ttsopt.operations.models import models as find

    target = Target(directory, system, root, catalogs=tuple(catalogs))
    found = find(target, names)
    if not download:
        return Outcome(models_data(found), partial(show_models, found, directory))
    name = hub.value if hub else ""
    done = _download(found, name, patches=for_patches, dry_run=dry_run)
    from ttsopt.cli.show_models import download_data, show_download

    data = {**models_data(find(target, names)), "download": download_data(done, dry_run=dry_run)}
    return Outcome(data, partial(show_download, done, found, dry_run=dry_run))


def _download(found: SystemModels, hub: str, *, patches: bool, dry_run: bool) -> Download:
    """Plan it, and unless it is a dry run make it, with a line before each file on standard error."""
    from ttsopt.cli.show_models import say_fetch
    from ttsopt.operations.models import download, plan_download, preview

    if dry_run:
        return preview(found, hub=hub, patches=patches)
    quiet = json_asked(sys.argv) or not sys.stderr.isatty()
    planned, opened = plan_download(found, hub=hub, patches=patches, quiet=quiet)
    return download(planned, opened, say_fetch)


def doctor(
    directory: opt.Directory = opt.HERE,
    python: run_opt.Python = "",
    time_limit: Annotated[
        float | None,
        typer.Option(
            "--time-limit",
            min=1,
            help="Seconds for each look into the interpreter.",
            show_default="60, and 180 to import torch",
        ),
    ] = None,
    system: opt.System = "",
    root: opt.Root = "",
    catalogs: opt.Catalogs = [],  # noqa: B006
) -> Outcome:
    """Look at interpreter, torch, GPU, ONNX Runtime, weights, disk: what is to be mended, and how."""
    from ttsopt.cli.show_doctor import doctor_data, doctor_error, show_doctor
    from ttsopt.operations.doctor.run import doctor as look
    from ttsopt.operations.locate import Target

    found = look(Target(directory, system, root, catalogs=tuple(catalogs)), python, time_limit)
    error = doctor_error(found)
    code = error.exit_code if error else 0
    return Outcome(doctor_data(found), partial(show_doctor, found), error, code)

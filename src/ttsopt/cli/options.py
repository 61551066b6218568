"""Options that several commands share, each with its help in one place."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ttsopt.domain.effect import Effect

HERE = Path()


def patch_names(incomplete: str) -> list[str]:
    """Return the ids of ttsopt's patches that begin so, for the completion of a shell: by name, none is read."""
    from ttsopt.catalog.location import catalogue_folder

    found = (file.parent for file in catalogue_folder().glob("*/*/patch.toml"))
    names = sorted(f"{folder.parent.name}/{folder.name}" for folder in found)
    return [name for name in names if name.startswith(incomplete)]


# Whether it can be read is for the commands to say, in their own words and with the contract's exit code.
Directory = Annotated[
    Path,
    typer.Argument(
        metavar="[DIR]", help="The checkout.", show_default="the current folder", readable=False
    ),
]
Patches = Annotated[
    list[str],
    typer.Option(
        "-p",
        "--patch",
        metavar="ID",
        help="This patch alone; repeats.",
        autocompletion=patch_names,
    ),
]
System = Annotated[
    str, typer.Option("--system", metavar="ID", help="Which system, where there are several.")
]
Root = Annotated[
    str, typer.Option("--root", metavar="SUBDIR", help="Which root, where there are several.")
]
AllRoots = Annotated[bool, typer.Option("--all-roots", help="Every system at every root.")]
MaxEffect = Annotated[
    Effect | None,
    typer.Option("--effect", help="The strongest effect to take.", show_default="close"),
]
ForDevice = Annotated[
    str,
    typer.Option(
        "--device",
        metavar="CLASS",
        help="What is it for: any, cpu[:VENDOR[:INSTRUCTIONS]], cuda[:X.Y].",
        show_default="the device at hand",
    ),
]
Everything = Annotated[
    bool, typer.Option("--all", help="Every patch that fits, whatever the evidence for it.")
]
ReplaceOwn = Annotated[
    bool,
    typer.Option("--replace-own", help="Replace values that you changed where a patch sets them."),
]
ListFile = Annotated[
    Path | None,
    typer.Option(
        "--list",
        metavar="FILE",
        help="The patches and parameters of a list, all of it: `ttsopt status --save FILE` writes one.",
        show_default=False,
    ),
]
Settings = Annotated[
    list[str],
    typer.Option("--set", metavar="PATCH.PARAM=VALUE", help="A patch's parameter; repeats."),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be done; write nothing.")]
Strict = Annotated[bool, typer.Option("--strict", help="One refused patch refuses all.")]
PatchFiles = Annotated[
    list[Path],
    typer.Option("--patch-file", metavar="X.patch", help="Your own unified diff, too; repeats."),
]
Catalogs = Annotated[
    list[Path],
    typer.Option("--catalog", metavar="DIR", help="Patches of your own, beside ttsopt's; repeats."),
]
Force = Annotated[
    bool,
    typer.Option(
        "--force", help="Replace files edited where the patches are; they are kept first."
    ),
]
Forced = Annotated[
    list[str],
    typer.Option(
        "--force", metavar="PATCH", help="Take this patch in spite of what guards it; repeats."
    ),
]
TrustState = Annotated[
    str,
    typer.Option(
        "--trust-state",
        metavar="DIGEST",
        help="Make state that is not yours your own: the one that `ttsopt status` shows by this digest.",
        show_default=False,
    ),
]
Wait = Annotated[
    float | None,
    typer.Option(
        "--wait",
        metavar="SECONDS",
        min=0,
        help="How long to wait for another ttsopt at work there.",
        show_default="10",
    ),
]

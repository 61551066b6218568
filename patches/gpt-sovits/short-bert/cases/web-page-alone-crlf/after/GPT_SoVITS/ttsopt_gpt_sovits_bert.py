"""Run the BERT of GPT-SoVITS up to the layer that is read, not its last two layers and not its head.

The front end asks for all hidden states and takes the third from the end. TTSOPT_SHORT_BERT=0 in the environment
runs the whole model, as before; so does a model that has no list of layers, which is said once on stderr.
Laid out by ttsopt beside the file that uses it; needs Python 3.8 and the transformers that is there.
"""

import copy
import os
import sys

SWITCH = "TTSOPT_SHORT_BERT"
UNREAD = 2  # layers
_OFF = {"0", "off", "no", "false"}
_said = set()


def hidden_states(model, inputs):
    """`model(**inputs, output_hidden_states=True)` as far as it is read: the last two hidden states are None."""
    if os.environ.get(SWITCH, "").strip().lower() in _OFF:
        return model(**inputs, output_hidden_states=True)
    try:
        short = _short(model)
    except AttributeError as error:
        _say_once("no layers are found in it (%s): the whole model is run" % error)
        return model(**inputs, output_hidden_states=True)
    states = short(**inputs, output_hidden_states=True)["hidden_states"]
    return {"hidden_states": (*states, *[None] * UNREAD)}


def _short(model):
    """The model without its head and last layers: a view that is made anew, and shares every layer and weight."""
    base = model.base_model
    layers = base.encoder.layer[:-UNREAD]
    return _changed(base, encoder=_changed(base.encoder, layer=layers))


def _changed(module, **parts):
    """The same module with other parts; the module itself stays as it is."""
    twin = copy.copy(module)
    vars(twin)["_modules"] = dict(vars(module)["_modules"], **parts)
    return twin


def _say_once(text):
    if text not in _said:
        _said.add(text)
        sys.stderr.write("ttsopt_gpt_sovits_bert: %s\n" % text)

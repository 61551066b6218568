from flask import Flask

APP = Flask(__name__)


def speak(req):
    return req

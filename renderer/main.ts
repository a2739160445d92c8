import './base/trusted-types'
import { mount } from 'svelte'
import App from './app/App.svelte'
import { session } from './base/session'
import './app.css'

// In a browser the laboratory lets in tabs that have a session; its entrance gives one, or says what is missing.
if (window.residualLab || session()) mount(App, { target: document.getElementById('app')! })
else location.replace('/open')

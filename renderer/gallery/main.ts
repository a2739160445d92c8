import { mount } from 'svelte'
import DialogSample from './DialogSample.svelte'
import FrameSample from './FrameSample.svelte'
import Gallery from './Gallery.svelte'
import '../app.css'

const asked = new URLSearchParams(location.search)
const theme = asked.get('theme') ?? (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light')
document.documentElement.dataset.theme = theme

const target = document.getElementById('app')!
const open = asked.get('frame')
const state = asked.get('dialog')
if (open !== null) mount(FrameSample, { target, props: { open: open.split(',') } })
else if (state !== null) mount(DialogSample, { target, props: { state } })
else mount(Gallery, { target, props: { theme } })

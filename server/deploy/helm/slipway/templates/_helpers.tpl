{{/* What web, worker and migrations share: labels, the hardening of a container, and the settings. */}}
{{- define "slipway.labels" -}}
app.kubernetes.io/name: slipway
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{- define "slipway.selector" -}}
app.kubernetes.io/name: slipway
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "slipway.pod" -}}
automountServiceAccountToken: false
# What a service of the namespace is called sets no variable of ours.
enableServiceLinks: false
# The processes of a pod see one reaper, so no child of a tool server stays behind as a zombie.
shareProcessNamespace: true
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  # Else every start gives each file of messages to the group again.
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile: { type: RuntimeDefault }
{{- end }}

{{- define "slipway.container" -}}
image: "{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}"
imagePullPolicy: {{ .Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: { drop: [ALL] }
{{- end }}

{{- define "slipway.env" -}}
- name: LISTEN_ADDR
  value: "0.0.0.0:3000"
- name: PUBLIC_URL
  value: {{ .Values.publicUrl | quote }}
- name: TRUSTED_PROXIES
  value: {{ .Values.trustedProxies | quote }}
{{- end }}

{{/* Pages and work never hold the owner's password, also where the Secret of the settings has it. */}}
{{- define "slipway.no-owner" -}}
- name: DATABASE_OWNER_URL
  value: ""
- name: POSTGRES_PASSWORD
  value: ""
{{- end }}
